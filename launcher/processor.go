// The processor features that the runtime is compiled for. Without them it would end with a bare "Illegal instruction"
// somewhere in its start, so the launcher looks first. The Go components need none of them (GOAMD64=v1).
package main

import (
	"fmt"
	"strings"
)

type feature struct {
	name string
	has  bool
}

// checkProcessor tells what the processor lacks of what the runtime needs, and what to do about it.
func checkProcessor(needed []feature) error {
	var missing []string
	for _, f := range needed {
		if !f.has {
			missing = append(missing, f.name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf(`this processor lacks %s, which k0s needs (x86-64-v2: Intel since 2008, AMD since 2011)
In a virtual machine, choose another processor model: that of the host, or x86-64-v2 and newer, instead of qemu64 or kvm64`,
		strings.Join(missing, ", "))
}
