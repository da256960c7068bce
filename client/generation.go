package client

// PlatformGeneration tells which generation of the platform answers, once [UserService.Credits] has succeeded: it has a
// route of its own in each. A platform that serves both counts as the newer.
func (c *Client) PlatformGeneration() (generation Generation, known bool) {
	o := c.operation(creditsGet)
	learned := int(c.learned[o.id].Load())
	if learned == 0 {
		return 0, false
	}
	return o.Routes[learned-1].Generation, true
}
