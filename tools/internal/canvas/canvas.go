// Package canvas draws boxes and text into small pictures: the same strokes give the same bytes.
package canvas

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// Ink is a color of a canvas.
type Ink uint8

// The inks.
const (
	paper Ink = iota
	Text
	Muted
	Line
	Blue
	Green
	inkCount
)

// shades is how many steps lie between the paper and an ink: enough for smooth letters, few enough for one palette.
const shades = 16

// inkColors are dark colors on an opaque light paper, so that a picture reads the same in clients of either theme.
func inkColors() [inkCount]color.NRGBA {
	return [inkCount]color.NRGBA{
		paper: {0xfc, 0xfc, 0xfb, 0xff},
		Text:  {0x1c, 0x1e, 0x21, 0xff},
		Muted: {0x5c, 0x63, 0x6b, 0xff},
		Line:  {0xdd, 0xdf, 0xe2, 0xff},
		Blue:  {0x2f, 0x6f, 0xb7, 0xff},
		Green: {0x1d, 0x83, 0x66, 0xff},
	}
}

// Canvas is a picture that is drawn into. It is not safe for concurrent use.
type Canvas struct {
	picture *image.Paletted
	font    *opentype.Font
	faces   map[float64]font.Face
}

// New makes an empty canvas of a size in pixels.
func New(width, height int) (*Canvas, error) {
	parsed, err := opentype.Parse(goregular.TTF)
	if err != nil {
		return nil, fmt.Errorf("read font: %w", err)
	}
	inks := inkColors()
	palette := make(color.Palette, 0, int(inkCount)*shades)
	for _, full := range inks {
		for shade := range shades {
			palette = append(palette, blend(inks[paper], full, shade))
		}
	}
	return &Canvas{
		picture: image.NewPaletted(image.Rect(0, 0, width, height), palette), font: parsed, faces: map[float64]font.Face{},
	}, nil
}

// blend is the color that many shades of the way from one color to another.
func blend(from, to color.NRGBA, shade int) color.NRGBA {
	mix := func(a, b uint8) uint8 {
		return uint8((int(a)*(shades-1-shade) + int(b)*shade + shades/2) / (shades - 1)) //nolint:gosec // between two uint8
	}
	return color.NRGBA{mix(from.R, to.R), mix(from.G, to.G), mix(from.B, to.B), 0xff}
}

// set inks a pixel, where it is not inked more already.
func (c *Canvas) set(x, y int, i Ink, shade int) {
	if !(image.Point{X: x, Y: y}.In(c.picture.Rect)) || shade == 0 {
		return
	}
	at := c.picture.PixOffset(x, y)
	if before := int(c.picture.Pix[at]); before/shades != int(i) || before%shades < shade {
		c.picture.Pix[at] = uint8(int(i)*shades + shade) //nolint:gosec // the palette has less than 256 colors
	}
}

// Box fills a rectangle, as far as it lies on the canvas.
func (c *Canvas) Box(r image.Rectangle, i Ink) {
	r = r.Intersect(c.picture.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			c.set(x, y, i, shades-1)
		}
	}
}

func (c *Canvas) face(size float64) (font.Face, error) {
	if face, ok := c.faces[size]; ok {
		return face, nil
	}
	face, err := opentype.NewFace(c.font, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		return nil, fmt.Errorf("size font: %w", err)
	}
	c.faces[size] = face
	return face, nil
}

// Align says which point of a text stands at the given one.
type Align int

// The alignments.
const (
	Left Align = iota
	Center
	Right
)

// Label is a line of text on its base line, cut to a width in pixels.
type Label struct {
	X, Y, Width int
	Size        float64
	Ink         Ink
	Align       Align
	Text        string
}

// Write draws a label. Letters that the font does not have become boxes.
func (c *Canvas) Write(l Label) error {
	face, err := c.face(l.Size)
	if err != nil {
		return err
	}
	text := fitText(face, l.Text, l.Width)
	x := l.X
	switch l.Align {
	case Left:
	case Center:
		x -= font.MeasureString(face, text).Round() / 2
	case Right:
		x -= font.MeasureString(face, text).Round()
	}
	dot := fixed.P(x, l.Y)
	for _, r := range text {
		area, mask, at, advance, _ := face.Glyph(dot, r)
		for y := area.Min.Y; y < area.Max.Y; y++ {
			for x := area.Min.X; x < area.Max.X; x++ {
				_, _, _, alpha := mask.At(at.X+x-area.Min.X, at.Y+y-area.Min.Y).RGBA()
				c.set(x, y, l.Ink, int(alpha>>12))
			}
		}
		dot.X += advance
	}
	return nil
}

// fitText cuts a text to a width in pixels and says so.
func fitText(face font.Face, text string, width int) string {
	if font.MeasureString(face, text).Ceil() <= width {
		return text
	}
	letters := []rune(text)
	for len(letters) > 0 {
		letters = letters[:len(letters)-1]
		if cut := string(letters) + "..."; font.MeasureString(face, cut).Ceil() <= width {
			return cut
		}
	}
	return ""
}

// PNG encodes the picture.
func (c *Canvas) PNG() ([]byte, error) {
	var encoded bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.DefaultCompression}
	if err := encoder.Encode(&encoded, c.picture); err != nil {
		return nil, fmt.Errorf("encode picture: %w", err)
	}
	return encoded.Bytes(), nil
}
