package tools

import (
	"bytes"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

// busyMonth is a month with every kind of day and of agent.
func busyMonth() *Spending {
	spending := &Spending{Days: 30, From: "2026-10-26", To: "2026-11-24"}
	for i := range 30 {
		credits := decimal.New(int64(i*i*37%91), -2)
		if i%7 == 0 {
			credits = decimal.Zero
		}
		spending.TotalCredits = spending.TotalCredits.Add(credits)
		day := time.Date(2026, 10, 26+i, 0, 0, 0, 0, time.UTC)
		spending.ByDay = append(spending.ByDay, DaySpending{Date: day.Format(time.DateOnly), Credits: credits})
	}
	for i, name := range []string{
		"legal-translator", "contract-reviewer", "data-analyst", "an-agent-of-a-very-long-name-that-is-cut", "Übersetzer",
		"агент", "日本", "tiny", "other",
	} {
		spending.ByAgent = append(spending.ByAgent, AgentSpending{Agent: name, Credits: decimal.New(int64(500>>i), -2)})
	}
	spending.ByAgent[7].Credits = decimal.New(1, -9)
	return spending
}

// TestGoldenPicture compares what is seen, not bytes: another release of Go may compress them otherwise, and another
// processor may round the edge of a letter by a shade.
func TestGoldenPicture(t *testing.T) {
	t.Parallel()
	got, err := drawSpending(busyMonth())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "spending.png")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	stored, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	fresh, freshErr := png.Decode(bytes.NewReader(got))
	want, wantErr := png.Decode(bytes.NewReader(stored))
	if freshErr != nil || wantErr != nil || fresh.Bounds() != want.Bounds() {
		t.Fatalf("decode: %v, %v", freshErr, wantErr)
	}
	different := 0
	for y := range pictureHeight {
		for x := range pictureWidth {
			if farApart(fresh.At(x, y), want.At(x, y)) {
				different++
			}
		}
	}
	if different > 0 {
		t.Errorf("%d pixels differ from %s; run make golden and look at it", different, path)
	}
	if len(got) > 20_000 {
		t.Errorf("the picture has %d bytes", len(got))
	}
}

func farApart(a, b color.Color) bool {
	ar, ag, ab, _ := a.RGBA()
	br, bg, bb, _ := b.RGBA()
	far := func(x, y uint32) bool { return max(x, y)-min(x, y) > 0x2800 }
	return far(ar, br) || far(ag, bg) || far(ab, bb)
}

func TestPictureIsDeterministicAndShowsTheBars(t *testing.T) {
	t.Parallel()
	first, err := drawSpending(busyMonth())
	if err != nil {
		t.Fatal(err)
	}
	if second, err := drawSpending(busyMonth()); err != nil || !bytes.Equal(first, second) {
		t.Errorf("two pictures of one structure differ: %v", err)
	}
	picture, err := png.Decode(bytes.NewReader(first))
	if err != nil {
		t.Fatal(err)
	}
	inked := map[color.Color]int{}
	for y := range pictureHeight {
		for x := range pictureWidth {
			inked[picture.At(x, y)]++
		}
	}
	blue, green := color.NRGBA{0x2f, 0x6f, 0xb7, 0xff}, color.NRGBA{0x1d, 0x83, 0x66, 0xff}
	counts := map[color.NRGBA]int{}
	for c, n := range inked {
		r, g, b, a := c.RGBA()
		if a != 0xffff {
			t.Fatal("the picture is not opaque")
		}
		counts[color.NRGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 0xff}] += n
	}
	if counts[blue] < 5000 || counts[green] < 2000 {
		t.Errorf("%d pixels of days, %d of agents", counts[blue], counts[green])
	}
}

func TestPicturesOfOddSpending(t *testing.T) {
	t.Parallel()
	huge := decimal.RequireFromString("123456789012345678901234567890123456789012345678901234567890.123")
	for name, spending := range map[string]*Spending{
		"nothing": {Days: 1, From: "2026-11-24", To: "2026-11-24", ByDay: []DaySpending{{Date: "2026-11-24"}}},
		"one day": {
			Days: 1, From: "2026-11-24", To: "2026-11-24", TotalCredits: huge,
			ByDay: []DaySpending{{"2026-11-24", huge}}, ByAgent: []AgentSpending{{"other", huge}},
		},
		"dust": {
			Days: 1, From: "2026-11-24", To: "2026-11-24", TotalCredits: decimal.New(1, -9),
			ByDay: []DaySpending{{"2026-11-24", decimal.New(1, -9)}}, ByAgent: []AgentSpending{{"x", decimal.New(1, -9)}},
		},
		"no dates": {
			From: "yesterday", To: "", TotalCredits: decimal.New(1, 0),
			ByDay: []DaySpending{{"?", decimal.New(1, 0)}}, ByAgent: []AgentSpending{{"\x00\xff", decimal.New(1, 0)}},
		},
	} {
		if drawn, err := drawSpending(spending); err != nil || len(drawn) == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAxisTop(t *testing.T) {
	t.Parallel()
	for most, want := range map[string]string{
		"1": "1", "1.01": "2", "3.96": "4", "4.3785": "5", "5.1": "10", "0.000000003": "0.000000004", "999": "1000", "500": "500",
	} {
		if got := axisTop(decimal.RequireFromString(most)); got.String() != want {
			t.Errorf("%s: %s, want %s", most, got, want)
		}
	}
}

func BenchmarkDrawSpending(b *testing.B) {
	spending := busyMonth()
	for b.Loop() {
		if _, err := drawSpending(spending); err != nil {
			b.Fatal(err)
		}
	}
}
