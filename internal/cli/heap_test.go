package cli

import "testing"

func TestOnlySmallHeapsGrowFurther(t *testing.T) {
	t.Parallel()
	for live, want := range map[uint64]int{
		0: floorPercent, 1 << 20: floorPercent, heapFloor / 6: floorPercent, heapFloor / 4: 300, heapFloor / 2: usualPercent, heapFloor: usualPercent,
		1 << 40: usualPercent,
	} {
		if got := percentFor(live); got != want {
			t.Errorf("%d bytes in use: %d %%, want %d", live, got, want)
		}
	}
}
