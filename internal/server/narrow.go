package server

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/robutlerai/robutler-mcp/tools"
)

// The headers by which a client asks for fewer tools than the server offers. They never add any.
const (
	headerToolsets     = "X-MCP-Toolsets"
	headerTools        = "X-MCP-Tools"
	headerExcludeTools = "X-MCP-Exclude-Tools"
	headerReadOnly     = "X-MCP-Readonly"
	headerNoMoney      = "X-MCP-No-Money"
)

// maxNames bounds the names in the headers of a request: each that is unknown is answered with all that are valid.
const maxNames = 100

// narrowKey carries the *tools.Catalog that the headers of a request leave.
type narrowKey struct{}

// narrowed gives what the headers left; nil when there were none.
func narrowed(ctx context.Context) *tools.Catalog {
	left, _ := ctx.Value(narrowKey{}).(*tools.Catalog)
	return left
}

// narrowing makes the headers of a request count for all that is done to answer it.
func (s *Server) narrowing(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !narrows(r.Header) {
			next(w, r)
			return
		}
		filter, some, err := headerFilter(r.Header)
		if err == nil && some {
			var left *tools.Catalog
			if left, err = s.catalog.Select(filter); err == nil {
				r = r.WithContext(context.WithValue(r.Context(), narrowKey{}, left))
			}
		}
		if err != nil {
			refuse(w, http.StatusBadRequest, strings.ReplaceAll(err.Error(), "\n", "; "))
			return
		}
		next(w, r)
	}
}

// headerFilter reads the headers. It reports whether there were any.
func headerFilter(header http.Header) (filter tools.Filter, some bool, err error) {
	for key, names := range map[string]*[]string{
		headerToolsets: &filter.Toolsets, headerTools: &filter.Tools, headerExcludeTools: &filter.Exclude,
	} {
		if *names, err = headerNames(header, key); err != nil {
			return filter, false, err
		}
	}
	if filter.ReadOnly, err = headerSwitch(header, headerReadOnly); err != nil {
		return filter, false, err
	}
	if filter.NoMoney, err = headerSwitch(header, headerNoMoney); err != nil {
		return filter, false, err
	}
	names := len(filter.Toolsets) + len(filter.Tools) + len(filter.Exclude)
	if names > maxNames {
		return filter, false, fmt.Errorf("the headers name more than %d toolsets and tools", maxNames)
	}
	if len(filter.Toolsets)+len(filter.Tools) == 0 {
		filter.Toolsets = []string{tools.ToolsetAll} // what the server offers need not be the default
	}
	return filter, names > 0 || filter.ReadOnly || filter.NoMoney, nil
}

// narrows reports whether any header may be one of those that narrow: few requests have one.
func narrows(header http.Header) bool {
	for key := range header {
		if strings.HasPrefix(key, "X-Mcp-") {
			return true
		}
	}
	return false
}

// headerNames reads names that are separated by commas. A header that names nothing is refused: it was meant to narrow.
func headerNames(header http.Header, key string) (names []string, err error) {
	for _, value := range header.Values(key) {
		for name := range strings.SplitSeq(value, ",") {
			if name = strings.TrimSpace(name); name != "" {
				names = append(names, name)
			}
		}
	}
	if len(names) == 0 && len(header.Values(key)) > 0 {
		return nil, fmt.Errorf("the header %s is empty: name something or leave it out", key)
	}
	return names, nil
}

// headerSwitch reads a switch. What is neither on nor off is refused: it was meant to protect.
func headerSwitch(header http.Header, key string) (on bool, err error) {
	for _, value := range header.Values(key) {
		switch strings.ToLower(strings.TrimSpace(value)) {
		case "true", "1":
			on = true
		case "false", "0", "":
		default:
			return false, fmt.Errorf("the header %s must be true or false", key)
		}
	}
	return on, nil
}

// offered gives the tools that the caller of a request may use: what the headers of the request leave of the server's
// own, those that opened the stream that the request belongs to, and the caller's permissions.
func (s *Server) offered(ctx context.Context) *tools.Catalog {
	offered := s.catalog
	if own := narrowed(ctx); own != nil {
		offered = own
	}
	if permitted, ok := ctx.Value(permittedKey{}).(*tools.Catalog); ok {
		offered = both(offered, permitted)
	}
	if stream := streamOf(ctx); stream != nil {
		if left := narrowed(stream.ctx); left != nil {
			offered = both(offered, left)
		}
	}
	return offered
}

// both gives the tools that are in two catalogs.
func both(offered, left *tools.Catalog) *tools.Catalog {
	return keep(offered, slices.DeleteFunc(left.Names(), func(name string) bool {
		return !slices.Contains(offered.Names(), name)
	}))
}

// offers reports whether the caller of a request may use all of some tools.
func (s *Server) offers(ctx context.Context, names ...string) bool {
	offered := s.offered(ctx).Names()
	return !slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(offered, name) })
}

// addNarrowing makes the library heed what the headers left.
func (s *Server) addNarrowing(hooks *mcpserver.Hooks) {
	mcpserver.WithToolFilter(s.narrowTools)(s.mcp)
	hooks.AddAfterInitialize(func(ctx context.Context, _ any, _ *mcp.InitializeRequest, result *mcp.InitializeResult) {
		result.Instructions = instructions(s.offered(ctx).Tools())
	})
	hooks.AddAfterDiscover(func(ctx context.Context, _ any, _ *mcp.DiscoverRequest, result *mcp.DiscoverResult) {
		result.Instructions = instructions(s.offered(ctx).Tools())
	})
}

// narrowTools leaves out the tools that the caller may not use, from the list and from what can be called.
func (s *Server) narrowTools(ctx context.Context, listed []mcp.Tool) []mcp.Tool {
	offered := s.offered(ctx)
	if offered == s.catalog {
		return listed
	}
	return slices.DeleteFunc(listed, func(tool mcp.Tool) bool { return !slices.Contains(offered.Names(), tool.Name) })
}
