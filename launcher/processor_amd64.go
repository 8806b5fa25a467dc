package main

import "golang.org/x/sys/cpu"

// runtimeFeatures is what Bun is compiled for on amd64 (-march=nehalem), as far as it uses it.
func runtimeFeatures() []feature {
	return []feature{
		{"SSSE3", cpu.X86.HasSSSE3},
		{"SSE4.1", cpu.X86.HasSSE41},
		{"SSE4.2", cpu.X86.HasSSE42},
		{"POPCNT", cpu.X86.HasPOPCNT},
	}
}
