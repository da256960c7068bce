package tools

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/schema"
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
	Agent      string   `json:"agent,omitempty" jsonschema:"minLength=1,maxLength=128" jsonschema_description:"Agent id or name: the files it may read instead."`
	Visibility string   `json:"visibility,omitempty" jsonschema:"enum=private,enum=public,enum=shared" jsonschema_description:"Keeps files of this visibility."`
	Tags       []string `json:"tags,omitempty" jsonschema:"maxItems=20,maxLength=100" jsonschema_description:"Keeps files with these tags."`
	Paging
}

// Check refuses filters that the platform has for the user's own files alone.
func (in ListContentInput) Check() []schema.Fault {
	if in.Agent != "" && (in.Visibility != "" || len(in.Tags) > 0) {
		return []schema.Fault{{Field: "agent", Problem: "cannot be combined with visibility or tags"}}
	}
	return nil
}

// ListContentOutput is the result of list_content.
type ListContentOutput struct {
	Files []FileRow `json:"files"`
	moreRows
}

func (t contentTools) listContent() Tool {
	return Define(Spec{
		Name: "list_content", Title: "List files", Toolset: ToolsetContent, Class: client.Read,
		Description: "Lists files and documents in storage: what is stored here, with names, sizes, visibility, addresses. " +
			"With agent: those that it is allowed to read or access.",
		Example: `{"visibility":"public"}`,
	}, func(ctx context.Context, in ListContentInput) (ListContentOutput, error) {
		list := "content"
		if in.Agent != "" {
			list = rankedList("content", in.Agent)
		}
		from, err := decodeCursor(list, in.Cursor)
		if err != nil {
			return ListContentOutput{}, err
		}
		page, err := t.page(ctx, in, from)
		if err != nil {
			return ListContentOutput{}, err
		}
		rows := make([]FileRow, 0, len(page.Items))
		for i := range page.Items {
			rows = append(rows, fileRow(&page.Items[i]))
		}
		rows, next := fitPage(rows, page.Next, from, func(row FileRow) string { return row.ID })
		return ListContentOutput{Files: rows, moreRows: moreAfter(list, next)}, nil
	})
}

// page asks for the user's files or for those of an agent, where a platform of 2025 knows only all agents together.
func (t contentTools) page(ctx context.Context, in ListContentInput, from client.Cursor) (client.Page[client.ContentFile], error) {
	content := t.platform.Client.Content
	if in.Agent == "" {
		return content.List(ctx, client.ContentListOptions{
			Visibility: client.Visibility(in.Visibility), Tags: in.Tags, Limit: in.Limit, Cursor: from,
		})
	}
	page, err := content.ListOfAgent(ctx, in.Agent, "", in.Limit, from)
	if !errors.Is(err, client.ErrUnsupported) {
		return page, t.platform.missingAgent(ctx, in.Agent, err)
	}
	files, err := content.AgentAccess(ctx, client.VisibilityPublic)
	if err != nil {
		return client.Page[client.ContentFile]{}, err
	}
	rows, next := slicePage(files, in.Limit, from)
	return client.Page[client.ContentFile]{Items: rows, Next: next}, nil
}

// DeleteContentInput holds the arguments of delete_content.
type DeleteContentInput struct {
	Content string `json:"content" jsonschema:"minLength=1,maxLength=128" jsonschema_description:"File id, from list_content."`
	Consent
}

func (t contentTools) deleteContent() Tool {
	return defineMutation(t.platform, Spec{
		Name: "delete_content", Title: "Delete a file", Toolset: ToolsetContent, Class: client.Delete,
		Description: "Deletes a stored file: erases, removes or throws away a saved document, image or upload that is no longer needed. " +
			"Cannot be undone.",
		Example: `{"content":"eeab2ac2-433d-5294-b384-7df6d66e76cf"}`,
	}, t.previewDelete, func(ctx context.Context, in DeleteContentInput) (DeletedOutput, error) {
		deletion, err := t.platform.Client.Content.Delete(ctx, in.Content)
		if err != nil {
			return DeletedOutput{}, err
		}
		return DeletedOutput{ID: in.Content, Deleted: true, AlreadyAbsent: deletion.AlreadyAbsent}, nil
	})
}

// maxSought bounds how many files are looked through for one, in rows.
const maxSought = 1000

// previewDelete looks the file up in the list: reading it would move all its bytes.
func (t contentTools) previewDelete(ctx context.Context, in DeleteContentInput) (Preview, error) {
	sought := 0
	for file, err := range t.platform.Client.Content.All(ctx, client.ContentListOptions{Limit: maxCandidates}) {
		if err != nil && !errors.Is(err, client.ErrUnsupported) {
			return Preview{}, err
		}
		sought++
		if err != nil || sought > maxSought {
			return Preview{Would: fmt.Sprintf("Delete the file %s for good, if it is the user's. It cannot be undone.", visible(in.Content))}, nil
		}
		if file.ID != in.Content {
			continue
		}
		row := fileRow(&file)
		return Preview{
			Would:  fmt.Sprintf("Delete the %s file %s, %s, for good. It cannot be undone.", row.Visibility, named(row.Name, row.ID), row.Size),
			Before: map[string]any{"id": row.ID, "name": row.Name, "size_bytes": row.SizeBytes, "visibility": row.Visibility},
		}, nil
	}
	return Preview{}, &Error{
		Code: CodeNotFound, Message: "delete content: the user has no such file", NextStep: "Find the file's id with list_content, then call again.",
	}
}
