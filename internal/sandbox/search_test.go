package sandbox

import (
	"fmt"
	"strconv"
	"testing"
)

// BenchmarkSearch looks for an agent among ten thousand.
func BenchmarkSearch(b *testing.B) {
	p := open(b, Options{})
	tx, err := p.database.BeginTx(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	topics := []string{"soil", "glass", "violin", "harbor", "tax", "cheese", "orbit", "paper", "tunnel", "bees"}
	for i := range 10_000 {
		a := &agent{
			id: seedID("bench", strconv.Itoa(i)), userID: demoUserID, name: fmt.Sprintf("bench-%d", i), model: "m", isPublic: true,
			description: fmt.Sprintf("Knows %s and %s, number %d.", topics[i%10], topics[i/10%10], i), intents: []string{"ask about " + topics[i/100%10]},
		}
		if err := insertAgent(b.Context(), tx, a); err != nil {
			b.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if found, err := p.search(b.Context(), caller{userID: demoUserID}, searchQuery{text: "violin and cheese expert", limit: 10}); err != nil || len(found) != 10 {
			b.Fatal(len(found), err)
		}
	}
}
