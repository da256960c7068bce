package tools

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/shopspring/decimal"
)

// oneForm writes JSON so that the same values give the same text: no spaces, members sorted, strings escaped alike, numbers
// by their value. Nothing is left out or rounded. Of the outermost object, the members that are named amounts may be numbers
// or texts. Text that is no JSON stays as it is.
func oneForm(text string, amounts ...string) string {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	formed, err := formValue(decoder, amounts...)
	if err != nil || !json.Valid([]byte(text)) {
		return text
	}
	return formed
}

// formValue reads one value.
func formValue(decoder *json.Decoder, amounts ...string) (string, error) {
	token, err := decoder.Token()
	if err != nil {
		return "", err
	}
	switch token := token.(type) {
	case json.Delim:
		if token == '{' {
			return formObject(decoder, amounts)
		}
		return formArray(decoder)
	case json.Number:
		return formNumber(token.String()), nil
	default:
		encoded, err := json.Marshal(token)
		return string(encoded), err
	}
}

// formObject reads the members of an object. Those whose names differ in case alone keep their order: decoding takes them
// for one, and the last counts.
func formObject(decoder *json.Decoder, amounts []string) (string, error) {
	type member struct{ folded, text string }
	var members []member
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return "", err
		}
		name, _ := token.(string) // nothing else gets past the decoder here
		value, err := formValue(decoder)
		if err != nil {
			return "", err
		}
		if slices.ContainsFunc(amounts, func(amount string) bool { return strings.EqualFold(amount, name) }) {
			value = formNumber(unquoted(json.RawMessage(value)))
		}
		encoded, err := json.Marshal(name)
		if err != nil {
			return "", err
		}
		members = append(members, member{strings.Map(foldCase, name), string(encoded) + ":" + value})
	}
	slices.SortStableFunc(members, func(a, b member) int { return strings.Compare(a.folded, b.folded) })
	texts := make([]string, 0, len(members))
	for _, each := range members {
		texts = append(texts, each.text)
	}
	_, err := decoder.Token()
	return "{" + strings.Join(texts, ",") + "}", err
}

func formArray(decoder *json.Decoder) (string, error) {
	var values []string
	for decoder.More() {
		value, err := formValue(decoder)
		if err != nil {
			return "", err
		}
		values = append(values, value)
	}
	_, err := decoder.Token()
	return "[" + strings.Join(values, ",") + "]", err
}

// foldCase gives the least of the letters that differ from one in case alone.
func foldCase(letter rune) rune {
	for {
		next := unicode.SimpleFold(letter)
		if next <= letter {
			return next
		}
		letter = next
	}
}

// formNumber writes a number as its digits and the power of ten that they are multiplied by: an exponent may stand for very
// many zeros. A number that is out of a decimal's range stays as it was written.
func formNumber(text string) string {
	number, err := decimal.NewFromString(text)
	if err != nil {
		return text
	}
	digits := number.Coefficient().String()
	kept := strings.TrimRight(digits, "0")
	if kept == "" {
		return "0"
	}
	return kept + "e" + strconv.FormatInt(int64(number.Exponent())+int64(len(digits)-len(kept)), 10)
}
