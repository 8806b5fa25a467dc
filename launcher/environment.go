// The environment of the runtime: what would change how it is loaded or what it runs is taken out.
package main

import (
	"slices"
	"strings"
)

// BUN_* makes the runtime something else, LD_* makes its loader load something else, NODE_OPTIONS is not for us.
func isUnwanted(name string) bool {
	if strings.HasPrefix(name, "BUN_") || strings.HasPrefix(name, "K0S_LAUNCHER") {
		return true
	}
	return slices.Contains([]string{
		"LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "GLIBC_TUNABLES", "NODE_OPTIONS",
		"K0S_SELF", "K0S_INDEX", "K0S_ARGV0",
	}, name)
}

// The runtime compiles often used functions once, simply. Its optimizing compilers pay off where much is computed: k0s waits
// nearly all the time, and they and their code are a seventh of its memory. docs/adr/0065.
const runtimeTuning = "BUN_JSC_useDFGJIT=0"

// runtimeEnvironment adds what the runtime must know: the path of the packed file, its index, the name it was called by.
func runtimeEnvironment(env []string, self, indexHash, argv0 string) []string {
	kept := make([]string, 0, len(env)+3)
	for _, e := range env {
		if !isUnwanted(nameOf(e)) {
			kept = append(kept, e)
		}
	}
	return append(kept, runtimeTuning, "K0S_SELF="+self, "K0S_INDEX="+indexHash, "K0S_ARGV0="+argv0)
}

func nameOf(variable string) string {
	name, _, _ := strings.Cut(variable, "=")
	return name
}
