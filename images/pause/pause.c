// The first process of every pod: waits for the pod's end, reaps what the pod's processes leave behind. System calls are
// made directly, without a C library: the program is about a kilobyte, and so is what each pod pays for it.

#if defined(__x86_64__)
enum { SYS_rt_sigprocmask = 14, SYS_rt_sigtimedwait = 128, SYS_wait4 = 61, SYS_exit = 60 };
static long syscall4(long number, long a, long b, long c, long d) {
  long result;
  register long r10 __asm__("r10") = d;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10) : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
enum { SYS_rt_sigprocmask = 135, SYS_rt_sigtimedwait = 137, SYS_wait4 = 260, SYS_exit = 93 };
static long syscall4(long number, long a, long b, long c, long d) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
  return x0;
}
#else
#error "no system calls for this architecture"
#endif

enum { SIG_BLOCK = 0, SIGINT = 2, SIGTERM = 15, SIGCHLD = 17, WNOHANG = 1 };

void _start(void) {
  // Blocked signals queue up for the wait below; handlers would need a C library's help.
  static const unsigned long awaited = 1UL << (SIGINT - 1) | 1UL << (SIGTERM - 1) | 1UL << (SIGCHLD - 1);
  syscall4(SYS_rt_sigprocmask, SIG_BLOCK, (long)&awaited, 0, sizeof awaited);
  for (;;) {
    long signal = syscall4(SYS_rt_sigtimedwait, (long)&awaited, 0, 0, sizeof awaited);
    if (signal == SIGINT || signal == SIGTERM) syscall4(SYS_exit, 0, 0, 0, 0);
    if (signal != SIGCHLD) continue;
    while (syscall4(SYS_wait4, -1, 0, WNOHANG, 0) > 0) {
    }
  }
}
