package postgres

import (
	"database/sql/driver"
	"fmt"
	"io"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"
)

// encode writes values as text. What type each has is for the server to say.
func encode(values []driver.NamedValue) ([][]byte, error) {
	texts := make([][]byte, len(values))
	for i, each := range values {
		switch value := each.Value.(type) {
		case nil: // NULL is no text at all
		case string:
			texts[i] = append([]byte{}, value...)
		case int64:
			texts[i] = strconv.AppendInt(nil, value, 10)
		case bool:
			texts[i] = strconv.AppendBool(nil, value)
		default:
			return nil, fmt.Errorf("encode value %d of statement: values of type %T are not supported", each.Ordinal, each.Value)
		}
	}
	return texts, nil
}

// rows are those that the server answered with.
type rows struct {
	columns []pgconn.FieldDescription
	left    [][][]byte
}

func (r *rows) Columns() []string {
	names := make([]string, len(r.columns))
	for i, column := range r.columns {
		names[i] = column.Name
	}
	return names
}

// Next gives values as text, which [sql.Rows.Scan] makes numbers and truths of.
func (r *rows) Next(into []driver.Value) error {
	if len(r.left) == 0 {
		return io.EOF
	}
	for i, text := range r.left[0] {
		if into[i] = nil; text != nil {
			into[i] = string(text)
		}
	}
	r.left = r.left[1:]
	return nil
}

func (r *rows) Close() error {
	r.left = nil
	return nil
}
