package canvas

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"
)

// inked gives the box around everything that is not paper.
func inked(t *testing.T, c *Canvas) image.Rectangle {
	t.Helper()
	encoded, err := c.PNG()
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(encoded))
	if err != nil {
		t.Fatal(err)
	}
	var box image.Rectangle
	for y := picture.Bounds().Min.Y; y < picture.Bounds().Max.Y; y++ {
		for x := picture.Bounds().Min.X; x < picture.Bounds().Max.X; x++ {
			if picture.At(x, y) != color.Color(color.RGBA{0xfc, 0xfc, 0xfb, 0xff}) {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return box
}

func newCanvas(t *testing.T) *Canvas {
	t.Helper()
	c, err := New(100, 40)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestBoxesAreClipped(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ box, want image.Rectangle }{
		{image.Rect(10, 10, 20, 20), image.Rect(10, 10, 20, 20)},
		{image.Rect(-5, -5, 5, 5), image.Rect(0, 0, 5, 5)},
		{image.Rect(90, 30, 1000, 1000), image.Rect(90, 30, 100, 40)},
		{image.Rect(200, 200, 300, 300), image.Rectangle{}},
		{image.Rectangle{Min: image.Pt(20, 20), Max: image.Pt(10, 10)}, image.Rectangle{}},
	} {
		c := newCanvas(t)
		c.Box(test.box, Blue)
		if got := inked(t, c); got != test.want {
			t.Errorf("%v: %v, want %v", test.box, got, test.want)
		}
	}
}

func TestLabelsStayWithinTheirWidth(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		label    Label
		from, to int
	}{
		{Label{X: 10, Width: 40, Text: "iii"}, 10, 20},
		{Label{X: 10, Width: 40, Text: strings.Repeat("wide ", 50)}, 10, 51},
		{Label{X: 50, Width: 40, Align: Center, Text: strings.Repeat("wide ", 50)}, 29, 71},
		{Label{X: 90, Width: 40, Align: Right, Text: strings.Repeat("wide ", 50)}, 49, 91},
		{Label{X: 10, Width: 80, Text: "日本"}, 10, 40},
		{Label{X: -4, Width: 500, Text: strings.Repeat("wide ", 50)}, 0, 100},
	} {
		c := newCanvas(t)
		test.label.Y, test.label.Size, test.label.Ink = 20, 13, Text
		if err := c.Write(test.label); err != nil {
			t.Fatal(err)
		}
		if got := inked(t, c); got.Empty() || got.Min.X < test.from || got.Max.X > test.to {
			t.Errorf("%+v: %v", test.label, got)
		}
	}
	c := newCanvas(t)
	if err := c.Write(Label{X: 10, Y: 20, Width: 2, Size: 13, Ink: Text, Text: "wide"}); err != nil || !inked(t, c).Empty() {
		t.Errorf("a label without room: %v", err)
	}
}
