package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
)

// listen takes the address that --addr names. Most often another program, or this one, has it already.
func listen(ctx context.Context, address string) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err == nil {
		return listener, nil
	}
	if failed, ok := errors.AsType[*net.OpError](err); ok {
		err = failed.Err // the rest of it names the address once more
	}
	return nil, fmt.Errorf("listen on %s: %w; name another address with --addr, or port 0 for any that is free", address, err)
}
