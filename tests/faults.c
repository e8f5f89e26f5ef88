/* Faults of the system under lmkit's commands, by standing before the C library (LD_PRELOAD): an allocation that fails, reads and writes
   that do a part of what they were asked for, calls that a signal interrupts. `tests/faults.py` compiles it, and says what is to fail. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { NOTHING, MEMORY, PARTS, INTERRUPTED };
enum { LEAST = 4096 }; /* bytes of an allocation that counts */
enum { FRAMES = 16384 }; /* what Python maps for the frames of a thread: where that fails as a thread begins, Python waits for it for ever */

static int kind;
static long until, seen;
static __thread unsigned turn;

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

/* From here on, faults of a kind happen; of memory, at the allocation of this number, from 1 (0: at none). */
void begin_faults(int of_kind, long at) {
  kind = of_kind;
  until = at;
  __atomic_store_n(&seen, 0, __ATOMIC_RELAXED);
}

/* How many allocations there were since. */
long allocations(void) { return __atomic_load_n(&seen, __ATOMIC_RELAXED); }

static int fails(size_t size) {
  if (kind != MEMORY || size < LEAST || __atomic_add_fetch(&seen, 1, __ATOMIC_RELAXED) != until) return 0;
  errno = ENOMEM;
  return 1;
}

void *malloc(size_t size) { return fails(size) ? NULL : __libc_malloc(size); }
void *calloc(size_t number, size_t size) {
  return size && number <= SIZE_MAX / size && fails(number * size) ? NULL : __libc_calloc(number, size);
}
void *realloc(void *old, size_t size) { return fails(size) ? NULL : __libc_realloc(old, size); }
void *memalign(size_t step, size_t size) { return fails(size) ? NULL : __libc_memalign(step, size); }
void *aligned_alloc(size_t step, size_t size) { return fails(size) ? NULL : __libc_memalign(step, size); }
int posix_memalign(void **place, size_t step, size_t size) {
  void *found = fails(size) ? NULL : __libc_memalign(step, size);
  if (found == NULL) return ENOMEM;
  *place = found;
  return 0;
}
void *mmap(void *place, size_t size, int rights, int flags, int file, off_t at) {
  if (file == -1 && rights != PROT_NONE && size != FRAMES && fails(size)) return MAP_FAILED;
  return (void *)syscall(SYS_mmap, place, size, rights, flags, file, at);
}
void *mmap64(void *place, size_t size, int rights, int flags, int file, off_t at) {
  return mmap(place, size, rights, flags, file, at);
}

static int interrupted(void) {
  if (kind != INTERRUPTED || turn++ % 2) return 0; /* each call a first time */
  errno = EINTR;
  return 1;
}
static size_t part(size_t size) { return kind == PARTS && size > 1 ? 1 + (size - 1) * 3 / 7 : size; }

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define CALL(type, name, parameters, ...)                       \
  type name parameters {                                        \
    static __typeof__(&name) next;                              \
    if (next == NULL) next = NEXT(name);                        \
    return interrupted() ? -1 : next(__VA_ARGS__);              \
  }
CALL(ssize_t, read, (int file, void *room, size_t size), file, room, part(size))
CALL(ssize_t, pread, (int file, void *room, size_t size, off_t at), file, room, part(size), at)
CALL(ssize_t, pread64, (int file, void *room, size_t size, off64_t at), file, room, part(size), at)
CALL(ssize_t, write, (int file, const void *data, size_t size), file, data, part(size))
CALL(ssize_t, pwrite, (int file, const void *data, size_t size, off_t at), file, data, part(size), at)
CALL(ssize_t, pwrite64, (int file, const void *data, size_t size, off64_t at), file, data, part(size), at)
CALL(int, flock, (int file, int what), file, what)
CALL(int, fsync, (int file), file)

/* Of several rooms, the first one, which may be filled in part. */
#define CALL_FIRST(name, offset)                                                                  \
  ssize_t name(int file, const struct iovec *rooms, int number, offset at) {                      \
    static __typeof__(&name) next;                                                                \
    struct iovec first;                                                                           \
    if (next == NULL) next = NEXT(name);                                                          \
    if (interrupted()) return -1;                                                                 \
    if (kind != PARTS || number < 1) return next(file, rooms, number, at);                        \
    first.iov_base = rooms->iov_base;                                                             \
    first.iov_len = part(rooms->iov_len);                                                         \
    return next(file, &first, 1, at);                                                             \
  }
CALL_FIRST(preadv, off_t)
CALL_FIRST(preadv64, off64_t)
CALL_FIRST(pwritev, off_t)
CALL_FIRST(pwritev64, off64_t)
