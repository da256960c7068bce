package tools

import (
	"fmt"
	"image"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/tools/internal/canvas"
)

// The layout of the picture, in pixels.
const (
	pictureWidth, pictureHeight = 900, 420
	pictureMargin               = 24
	panelTop, panelBottom       = 118, 372
	dayLeft, dayRight           = 76, 450
	widestDay                   = 48
	agentLeft, agentRight       = 490, pictureWidth - pictureMargin
	agentNameWidth              = 138
	agentValueWidth             = 76
	agentPitch                  = 28
)

// drawSpending draws the two panels as a PNG. It looks at nothing else than the structure, so that the same spending
// gives the same bytes.
func drawSpending(spending *Spending) ([]byte, error) {
	c, err := canvas.New(pictureWidth, pictureHeight)
	if err != nil {
		return nil, err
	}
	period := fmt.Sprintf("%s to %s (UTC)", longDate(spending.From), longDate(spending.To))
	if !spending.Complete {
		period += ", not all rows are counted"
	}
	labels := []canvas.Label{
		{X: pictureMargin, Y: 42, Size: 22, Ink: canvas.Text, Text: "Spending: " + shortCredits(spending.TotalCredits) + " credits"},
		{X: pictureMargin, Y: 66, Size: 14, Ink: canvas.Muted, Text: period},
		{X: pictureMargin, Y: 100, Size: 15, Ink: canvas.Text, Text: "By day"},
		{X: agentLeft, Y: 100, Size: 15, Ink: canvas.Text, Text: "By agent"},
	}
	if spending.TotalCredits.IsPositive() {
		labels = append(labels, drawDays(c, spending.ByDay)...)
		labels = append(labels, drawAgents(c, spending.ByAgent)...)
	} else {
		labels = append(labels, canvas.Label{X: pictureMargin, Y: panelTop + 24, Size: 14, Ink: canvas.Muted, Text: "Nothing was spent on these days."})
	}
	for _, l := range labels {
		if l.Width == 0 {
			l.Width = pictureWidth - 2*pictureMargin
		}
		if err := c.Write(l); err != nil {
			return nil, err
		}
	}
	return c.PNG()
}

// drawDays draws a bar a day from left to right and gives the axes' labels.
func drawDays(c *canvas.Canvas, days []DaySpending) []canvas.Label {
	most := decimal.Zero
	for _, day := range days {
		most = decimal.Max(most, day.Credits)
	}
	top := axisTop(most)
	var labels []canvas.Label
	for _, value := range []decimal.Decimal{decimal.Zero, top.Div(decimal.NewFromInt(2)), top} {
		y := panelBottom - barScale(value, top, panelBottom-panelTop)
		c.Box(image.Rect(dayLeft, y, dayRight, y+1), canvas.Line)
		labels = append(labels, canvas.Label{
			X: dayLeft - 8, Y: y + 4, Width: dayLeft - 12, Size: 12, Ink: canvas.Muted, Align: canvas.Right, Text: shortCredits(value),
		})
	}
	left := func(i int) int { return dayLeft + i*(dayRight-dayLeft)/len(days) }
	for i, day := range days {
		width := left(i+1) - left(i)
		gap := max(min(2, width/3), (width-widestDay)/2)
		height := barLength(day.Credits, top, panelBottom-panelTop)
		c.Box(image.Rect(left(i)+gap, panelBottom-height, left(i+1)-gap, panelBottom), canvas.Blue)
	}
	marks := []int{0, (len(days) - 1) / 2, len(days) - 1}
	if len(days) < 7 {
		marks = []int{0, len(days) - 1}
	}
	for _, i := range slices.Compact(marks) {
		labels = append(labels, canvas.Label{
			X: (left(i) + left(i+1)) / 2, Y: panelBottom + 20, Width: 80, Size: 12, Ink: canvas.Muted, Align: canvas.Center,
			Text: shortDate(days[i].Date),
		})
	}
	return labels
}

// drawAgents draws a bar an agent from top to bottom and gives the names and credits beside them.
func drawAgents(c *canvas.Canvas, agents []AgentSpending) []canvas.Label {
	most := decimal.Zero
	for _, agent := range agents {
		most = decimal.Max(most, agent.Credits)
	}
	const left, longest = agentLeft + agentNameWidth + 8, agentRight - agentValueWidth - agentLeft - agentNameWidth - 16
	var labels []canvas.Label
	for i, agent := range agents {
		y := panelTop + i*agentPitch
		length := barLength(agent.Credits, most, longest)
		c.Box(image.Rect(left, y, left+length, y+agentPitch-10), canvas.Green)
		labels = append(labels,
			canvas.Label{X: agentLeft, Y: y + 14, Width: agentNameWidth, Size: 13, Ink: canvas.Text, Text: agent.Agent},
			canvas.Label{X: left + length + 8, Y: y + 14, Width: agentValueWidth, Size: 13, Ink: canvas.Muted, Text: shortCredits(agent.Credits)})
	}
	return labels
}

// barScale is how far a value reaches of a length that stands for whole.
func barScale(value, whole decimal.Decimal, length int) int {
	return int(value.Mul(decimal.NewFromInt(int64(length))).Div(whole).Round(0).IntPart())
}

// barLength keeps the smallest amounts visible.
func barLength(value, whole decimal.Decimal, length int) int {
	if !value.IsPositive() {
		return 0
	}
	return max(barScale(value, whole, length), 2)
}

// axisTop is the next of 1, 2, 4, 5 or 10 times a power of ten.
func axisTop(most decimal.Decimal) decimal.Decimal {
	power := decimal.New(1, int32(most.NumDigits())+most.Exponent()-1) //nolint:gosec // amounts have at most 64 digits
	for _, times := range []int64{1, 2, 4, 5} {
		if top := power.Mul(decimal.NewFromInt(times)); top.GreaterThanOrEqual(most) {
			return top
		}
	}
	return power.Mul(decimal.NewFromInt(10))
}

// shortCredits rounds credits for a picture; the structured result has them exactly.
func shortCredits(credits decimal.Decimal) string {
	const places = 4
	if least := decimal.New(1, -places); credits.IsPositive() && credits.LessThan(least) {
		return "<" + least.String()
	}
	return credits.Round(places).String()
}

func longDate(date string) string { return redate(date, "2 Jan 2006") }

func shortDate(date string) string { return redate(date, "2 Jan") }

func redate(date, layout string) string {
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return day.Format(layout)
}
