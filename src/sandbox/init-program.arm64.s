// Source of the arm64 code in init-program.ts. Made with: aarch64-linux-gnu-as X.s -o X.o && aarch64-linux-gnu-objcopy -O binary -j .text X.o X.bin && xxd -p X.bin
.globl _start
_start:
  mov x8, #134          // rt_sigaction
  mov x0, #17
  adr x1, act
  mov x2, #0
  mov x3, #8
  svc #0
again:
  mov x8, #63           // read
  mov x0, #0
  sub x1, sp, #16
  mov x2, #1
  svc #0
  cmn x0, #4
  b.eq again
  cmp x0, #1            // somebody wrote: stay for ever
  b.eq forever
  ldr x4, [sp]
  cmp x4, #1
  b.le end
  add x1, sp, #16
  ldr x0, [x1]
  add x2, x1, x4, lsl #3
  mov x8, #221          // execve
  svc #0
end:
  mov x0, #0
  mov x8, #94           // exit_group
  svc #0
forever:
  mov x8, #73           // ppoll(NULL, 0, NULL, NULL, 0)
  mov x0, #0
  mov x1, #0
  mov x2, #0
  mov x3, #0
  mov x4, #0
  svc #0
  b forever
.balign 8
act: .quad 1, 0, 0, 0
