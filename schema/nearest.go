package schema

import "strings"

// maxNearestLength bounds what is compared, in bytes: nobody mistypes more.
const maxNearestLength = 64

// Nearest finds the candidate that name was probably meant to be: a third of its characters may be wrong, missing, too
// many or swapped, or it may be a part of the other. It reports false when none is near.
func Nearest(name string, candidates []string) (string, bool) {
	folded := fold(name)
	if folded == "" || len(folded) > maxNearestLength {
		return "", false
	}
	best, bestDistance, bestEdits := "", max(1, len(folded)/3)+1, 0
	for _, candidate := range candidates {
		other := fold(candidate)
		if other == "" || len(other) > maxNearestLength {
			continue
		}
		edits := editDistance(folded, other)
		distance := edits
		if contains(folded, other) {
			distance = min(distance, 1)
		}
		if distance < bestDistance || (distance == bestDistance && edits < bestEdits) {
			best, bestDistance, bestEdits = candidate, distance, edits
		}
	}
	return best, best != ""
}

// contains reports whether one of two names holds the other and they share most of their letters.
func contains(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	return len(a) >= 3 && strings.Contains(b, a) && 2*len(a) >= len(b)
}

func fold(name string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimSpace(name)), "-", "_")
}

// editDistance counts insertions, deletions, replacements and swaps of neighbors (optimal string alignment).
func editDistance(a, b string) int {
	before, previous, current := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := 1; i <= len(a); i++ {
		current[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			current[j] = min(previous[j]+1, current[j-1]+1, previous[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				current[j] = min(current[j], before[j-2]+1)
			}
		}
		before, previous, current = previous, current, before
	}
	return previous[len(b)]
}
