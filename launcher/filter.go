// Undoes the filter of x86 code: targets of calls and jumps are stored absolute instead of relative, which makes repeated
// calls of one function equal and the stored frame 5 % smaller. The other half is build/pack/x86-filter.ts.
package main

import "encoding/binary"

const filterX86 = "x86"

func unfilterX86(data []byte) {
	for i := 0; i+5 <= len(data); i++ {
		if data[i]&0xfe != 0xe8 || (data[i+4] != 0 && data[i+4] != 0xff) {
			continue
		}
		target := int32(binary.LittleEndian.Uint32(data[i+1:])) - int32(i) - 5
		binary.LittleEndian.PutUint32(data[i+1:], uint32(target<<7>>7))
	}
}
