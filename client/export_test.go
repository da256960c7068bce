package client

// WithJitter replaces what draws the waits between attempts, for tests over a real network.
func WithJitter(jitter func() float64) Option {
	return func(s *settings) error {
		s.jitter = jitter
		return nil
	}
}
