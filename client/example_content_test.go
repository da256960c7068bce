package client_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/robutlerai/robutler-mcp/client"
)

// Uploading a public and a private file, and seeing what agents can read.
func ExampleContentService() {
	example(func(ctx context.Context, c *client.Client) error {
		dataset := client.BytesUpload("dataset.csv", bytes.Repeat([]byte("1,2,3\n"), 400))
		dataset.Visibility = client.VisibilityPublic
		for _, upload := range []client.UploadParams{dataset, client.BytesUpload("private_notes.txt", []byte("for me alone"))} {
			file, err := c.Content.Upload(ctx, upload)
			if err != nil {
				return err
			}
			fmt.Printf("%s (%s) is %s\n", file.Name, file.SizeFormatted(), file.Visibility)
		}
		files, err := c.Content.AgentAccess(ctx, client.VisibilityPublic)
		if err != nil {
			return err
		}
		fmt.Printf("agents can read %d files\n", len(files))
		return nil
	})
	// Output:
	// dataset.csv (2KB) is public
	// private_notes.txt (12B) is private
	// agents can read 3 files
}

// Storing a file of the disk. It is streamed, and opened anew for each attempt.
func ExampleContentService_Upload() {
	example(func(ctx context.Context, c *client.Client) error {
		folder, err := os.MkdirTemp("", "upload")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(folder) }()
		path := filepath.Join(folder, "report.txt")
		if err := os.WriteFile(path, []byte("all is well"), 0o600); err != nil {
			return err
		}

		file, err := c.Content.Upload(ctx, client.UploadParams{
			Filename:    filepath.Base(path),
			Open:        func() (io.ReadCloser, error) { return os.Open(path) },
			Size:        int64(len("all is well")),
			ContentType: "text/plain",
			Tags:        []string{"reports"},
		})
		if err != nil {
			return err
		}
		back, err := c.Content.Read(ctx, file.ID)
		if err != nil {
			return err
		}
		text, _ := back.Text()
		fmt.Printf("%s says %q\n", file.Name, text)
		return nil
	})
	// Output:
	// report.txt says "all is well"
}

// Walking the files that carry a label.
func ExampleContentService_All() {
	example(func(ctx context.Context, c *client.Client) error {
		if _, err := c.Content.Upload(ctx, client.UploadParams{
			Filename: "a.txt", Tags: []string{"drafts"}, Size: 1,
			Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader([]byte("a"))), nil },
		}); err != nil {
			return err
		}
		for file, err := range c.Content.All(ctx, client.ContentListOptions{Tags: []string{"drafts"}}) {
			if err != nil {
				return err
			}
			fmt.Println(file.Name, file.Visibility)
		}
		return nil
	})
	// Output:
	// a.txt private
}
