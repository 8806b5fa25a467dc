// kube-router as upstream builds it, except that it keeps less garbage while it is idle.
package main

import (
	"fmt"
	"os"

	kube_router "k0s/components/kube-router/lifted/kube-router"
	"k0s/components/kube-router/shared/idlegc"
)

func main() {
	idlegc.Start()
	if err := kube_router.Main(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
