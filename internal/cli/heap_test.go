package cli

import "testing"

func TestOnlySmallHeapsGrowFurther(t *testing.T) {
	t.Parallel()
	for live, want := range map[uint64]int{
		0: floorPercent, 1 << 20: floorPercent, 4 << 20: floorPercent, 6 << 20: 200, 12 << 20: usualPercent, 1 << 40: usualPercent,
	} {
		if got := percentFor(live); got != want {
			t.Errorf("%d bytes in use: %d %%, want %d", live, got, want)
		}
	}
}
