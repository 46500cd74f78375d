/* Modem lines for pseudo terminals, which have none: loaded into the server with LD_PRELOAD, it
 * keeps DTR and RTS of one device and writes each change, with its time in microseconds, to the
 * file that SERIAL_LINES names. DTR leads back to DSR and DCD, RTS to CTS, and a BREAK is received, as
 * on a loopback plug. */
#define _GNU_SOURCE
#include <asm/termbits.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/serial.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static int lines = TIOCM_DTR | TIOCM_RTS;
static int breaks;

static void tell(void) {
    struct timespec now;
    char text[64];
    clock_gettime(CLOCK_MONOTONIC, &now);
    int length = snprintf(text, sizeof text, "%lld %d %d\n",
                          now.tv_sec * 1000000LL + now.tv_nsec / 1000,
                          !!(lines & TIOCM_DTR), !!(lines & TIOCM_RTS));
    int file = open(getenv("SERIAL_LINES"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (write(file, text, length) != length) abort();
    close(file);
}

int ioctl(int fd, unsigned long request, ...) {
    static int (*real)(int, unsigned long, void *);
    va_list rest;
    va_start(rest, request);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    if (!real) real = dlsym(RTLD_NEXT, "ioctl");
    int result = real(fd, request, argument);
    if (request == TIOCCBRK && isatty(fd)) breaks++;
    if (result != -1 || !isatty(fd)) return result;
    int *bits = argument;
    if (request == TIOCMGET) {
        *bits = lines | (lines & TIOCM_DTR ? TIOCM_DSR | TIOCM_CAR : 0) | (lines & TIOCM_RTS ? TIOCM_CTS : 0);
    } else if (request == TIOCMSET) {
        int set = *bits & (TIOCM_DTR | TIOCM_RTS);
        if (set != lines) {
            lines = set;
            tell();
        }
    } else if (request == TIOCGICOUNT) {
        struct serial_icounter_struct *counted = argument;
        memset(counted, 0, sizeof *counted);
        counted->brk = breaks;
    } else {
        return result;
    }
    errno = 0;
    return 0;
}
