// kine as upstream builds it, except that the data source, which holds the database's password, may come from a file:
// neither the argument list nor the environment of a process is a place for it.
package main

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/k3s-io/kine/pkg/app"
	"github.com/sirupsen/logrus"

	"k0s/components/kine/shared/idlegc"
)

const endpointFile = "KINE_ENDPOINT_FILE"

func main() {
	idlegc.Start()
	if path := os.Getenv(endpointFile); path != "" {
		endpoint, err := os.ReadFile(path)
		if err != nil {
			logrus.Fatal(err)
		}
		// Seen by this process only: /proc/PID/environ keeps what it was started with.
		os.Setenv("KINE_ENDPOINT", strings.TrimSpace(string(endpoint)))
	}
	if err := app.New().Run(os.Args); err != nil && !errors.Is(err, context.Canceled) {
		logrus.Fatal(err)
	}
}
