package tools

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/robutlerai/robutler-mcp/client"
)

// maxPathUpload bounds a file that is uploaded by path, in bytes.
const maxPathUpload = 100 << 20

// UploadRoots are the folders whose files may be uploaded by path. The operating system keeps every open beneath its
// root: neither "..", nor a link, nor a race gets out.
type UploadRoots struct {
	folders []uploadFolder
}

type uploadFolder struct {
	path string
	root *os.Root
}

// OpenUploadRoots opens the folders. Without any, the result refuses every path.
func OpenUploadRoots(folders []string) (*UploadRoots, error) {
	roots := &UploadRoots{}
	for _, folder := range folders {
		absolute, err := filepath.Abs(folder)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("open upload root: %w", err), roots.Close())
		}
		root, err := os.OpenRoot(absolute)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("open upload root: %w", err), roots.Close())
		}
		roots.folders = append(roots.folders, uploadFolder{path: absolute, root: root})
	}
	return roots, nil
}

// Close closes the folders.
func (r *UploadRoots) Close() error {
	var faults []error
	for _, folder := range r.folders {
		faults = append(faults, folder.root.Close())
	}
	return errors.Join(faults...)
}

// upload describes the file at a path, absolute or relative to a root.
func (r *UploadRoots) upload(path, filename string) (client.UploadParams, error) {
	if r == nil || len(r.folders) == 0 {
		return client.UploadParams{}, refusedPath("this server may not read local files",
			"Pass the file as text or base64, or ask the user to start the server with --upload-root.")
	}
	for _, folder := range r.folders {
		relative, inside := folder.relative(path)
		if !inside {
			continue
		}
		if hidden(relative) {
			return client.UploadParams{}, refusedPath("hidden files and key files are never uploaded",
				"Ask the user to copy the file to an ordinary name if it is meant to be shared.")
		}
		params, err := folder.describe(relative, filename)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		return params, err
	}
	return client.UploadParams{}, refusedPath("there is no such file under the upload roots",
		"Check the path; it must lie in a folder that the server was started with (--upload-root).")
}

func (f uploadFolder) relative(path string) (string, bool) {
	if filepath.IsAbs(path) {
		relative, err := filepath.Rel(f.path, filepath.Clean(path))
		return relative, err == nil && filepath.IsLocal(relative)
	}
	return filepath.Clean(path), filepath.IsLocal(path)
}

// describe checks the file once and opens it again for each attempt of the upload.
func (f uploadFolder) describe(relative, filename string) (client.UploadParams, error) {
	file, info, err := f.open(relative)
	if err != nil {
		return client.UploadParams{}, err
	}
	head := make([]byte, 512)
	n, err := io.ReadFull(file, head)
	closeErr := file.Close()
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return client.UploadParams{}, refusedPath("the file cannot be read", "Ask the user to check its permissions.")
	}
	if closeErr != nil {
		return client.UploadParams{}, fmt.Errorf("close upload: %w", closeErr)
	}
	if filename == "" {
		filename = filepath.Base(relative)
	}
	return client.UploadParams{
		Filename:    filename,
		Size:        info.Size(),
		ContentType: contentType(filename, head[:n]),
		Open: func() (io.ReadCloser, error) {
			again, now, err := f.open(relative)
			if err != nil {
				return nil, err
			}
			if !os.SameFile(info, now) {
				return nil, errors.Join(errors.New("read upload: the file was replaced"), again.Close())
			}
			return again, nil
		},
	}, nil
}

// open opens a regular file of an allowed size. It never waits for the other end of a pipe.
func (f uploadFolder) open(relative string) (*os.File, fs.FileInfo, error) {
	if f.linked(relative) {
		return nil, nil, refusedPath("links are never followed", "Pass the path of the file itself.")
	}
	file, err := f.root.OpenFile(relative, os.O_RDONLY|openNonblocking, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	if err != nil {
		return nil, nil, refusedPath("the file cannot be read", "Check that the path is a file under an upload root.")
	}
	info, err := file.Stat()
	switch {
	case err != nil:
		err = refusedPath("the file cannot be read", "Ask the user to check its permissions.")
	case !info.Mode().IsRegular():
		err = refusedPath("the path is not a regular file", "Pass the path of a file.")
	case hardLinks(info) > 1:
		err = refusedPath("the file has another name, which may lie outside the upload roots", "Ask the user to copy the file.")
	case info.Size() > maxPathUpload:
		err = refusedPath("the file is larger than 100 MiB", "Split the file, or ask the user to upload it on the platform's site.")
	}
	if err != nil {
		return nil, nil, errors.Join(err, file.Close())
	}
	return file, info, nil
}

// linked reports whether a part of the path is a link: what it names may be a file that the rules on names refuse.
func (f uploadFolder) linked(relative string) bool {
	for end := range relative {
		if !os.IsPathSeparator(relative[end]) {
			continue
		}
		if info, err := f.root.Lstat(relative[:end]); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return true
		}
	}
	info, err := f.root.Lstat(relative)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// hidden reports whether a path looks like something that nobody means to share: hidden files and folders, private
// keys and key stores.
func hidden(path string) bool {
	for part := range strings.SplitSeq(filepath.ToSlash(path), "/") {
		if strings.HasPrefix(part, ".") && part != "." {
			return true
		}
	}
	name := strings.ToLower(filepath.Base(path))
	for _, ending := range []string{".pem", ".key", ".p12", ".pfx", ".jks", ".kdbx", ".keystore"} {
		if strings.HasSuffix(name, ending) {
			return true
		}
	}
	return strings.HasPrefix(name, "id_rsa") || strings.HasPrefix(name, "id_ed25519") || strings.HasPrefix(name, "id_ecdsa")
}

func refusedPath(why, next string) *Error {
	return &Error{Code: CodeInvalidArgument, Message: `upload by "path": ` + why, NextStep: next}
}
