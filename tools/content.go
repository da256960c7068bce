package tools

import (
	"context"
	"time"

	"github.com/robutlerai/robutler-mcp/client"
)

// contentTools are the tools of the toolset content.
type contentTools struct{ platform Platform }

// FileRow is a file on the platform.
type FileRow struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	SizeBytes   int64      `json:"size_bytes"`
	Size        string     `json:"size"`
	ContentType string     `json:"content_type,omitempty"`
	Visibility  string     `json:"visibility,omitempty"`
	Description string     `json:"description,omitempty"`
	Tags        []string   `json:"tags,omitempty"`
	URL         string     `json:"url,omitempty"`
	UploadedAt  *time.Time `json:"uploaded_at,omitempty"`
}

func fileRow(file *client.ContentFile) FileRow {
	return FileRow{
		ID: shorten(file.ID, maxNameText), Name: shorten(file.Name, maxNameText), SizeBytes: file.Size, Size: file.SizeFormatted(),
		ContentType: shorten(file.ContentType, maxNameText), Visibility: shorten(string(file.Visibility), maxNameText),
		Description: shorten(file.Description, maxRowText), Tags: shortenAll(file.Tags),
		URL: shorten(file.URL, maxRowText), UploadedAt: file.UploadedAt,
	}
}

// ListContentInput holds the arguments of list_content.
type ListContentInput struct {
	Visibility string   `json:"visibility,omitempty" jsonschema:"enum=private,enum=public,enum=shared" jsonschema_description:"Keeps files of this visibility."`
	Tags       []string `json:"tags,omitempty" jsonschema:"maxItems=20,maxLength=100" jsonschema_description:"Keeps files with these tags."`
	Paging
}

// ListContentOutput is the result of list_content.
type ListContentOutput struct {
	Files []FileRow `json:"files"`
	moreRows
}

func (t contentTools) listContent() Tool {
	return Define(Spec{
		Name: "list_content", Title: "List my files", Toolset: ToolsetContent, Class: client.Read,
		Description: "Lists the files that the user has stored on the platform, with ids, sizes, visibility and URLs. " +
			"Public files can be read by agents.",
		Example: `{"visibility":"public"}`,
	}, func(ctx context.Context, in ListContentInput) (ListContentOutput, error) {
		from, err := decodeCursor("content", in.Cursor)
		if err != nil {
			return ListContentOutput{}, err
		}
		page, err := t.platform.Client.Content.List(ctx, client.ContentListOptions{
			Visibility: client.Visibility(in.Visibility), Tags: in.Tags, Limit: in.Limit, Cursor: from,
		})
		if err != nil {
			return ListContentOutput{}, err
		}
		rows := make([]FileRow, 0, len(page.Items))
		for i := range page.Items {
			rows = append(rows, fileRow(&page.Items[i]))
		}
		rows, next := fitPage(rows, page.Next, from, func(row FileRow) string { return row.ID })
		return ListContentOutput{Files: rows, moreRows: moreAfter("content", next)}, nil
	})
}
