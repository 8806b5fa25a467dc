// etcd as upstream builds it, except that it keeps less garbage while it is idle, and what `k0s restore` needs of etcdutl: a member's data made of a snapshot.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"go.etcd.io/etcd/etcdutl/v3/snapshot"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"go.uber.org/zap"

	"k0s/components/etcd/shared/idlegc"
)

// The sub-command; its one argument is the JSON of a snapshot.RestoreConfig.
const restore = "k0s-restore-snapshot"

func main() {
	if len(os.Args) != 3 || os.Args[1] != restore {
		idlegc.Start()
		etcdmain.Main(os.Args)
		return
	}
	if err := restoreSnapshot(os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func restoreSnapshot(text string) error {
	var config snapshot.RestoreConfig
	if err := json.Unmarshal([]byte(text), &config); err != nil {
		return err
	}
	return snapshot.NewV3(zap.NewNop()).Restore(config)
}
