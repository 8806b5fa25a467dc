// metrics-server as upstream builds it, except that it keeps less garbage while it is idle.
package main

import (
	metrics_server "k0s/components/metrics-server/lifted/metrics-server"
	"k0s/components/metrics-server/shared/idlegc"
)

func main() {
	idlegc.Start()
	metrics_server.Main()
}
