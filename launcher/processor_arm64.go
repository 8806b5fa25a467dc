package main

// runtimeFeatures: every 64-bit ARM processor has what Bun is compiled for.
func runtimeFeatures() []feature { return nil }
