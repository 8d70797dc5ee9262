#include <guard.h>
#define CALL(f, x) do { if (x) f(x); } while (0)
typedef struct s { int a : 3; struct s *n; int (*op)(struct s *); } T;
extern int g(int) __attribute__((const, aligned(1 << 3)));
static inline int h(T *t) { return t->op(t) + g(sizeof(T)); }
static const int k = 1 << 2;
enum { A, B = A + 2 };
int f(T *t, int n)
{
	typeof(n) m = ({ int q = n; q; });
#ifdef CONFIG_A
	CALL(g, m);
#endif
	switch (n) { case 0 ... 3: return h(t); default: goto out; }
	for (int i = 0; i < 3; i++) { while (n--) continue; do ; while (0); }
	asm volatile("call %P0" : "=a"(m) : [x] "i"(h) : "memory");
	if (__builtin_constant_p(k) && _Generic(n, int: 1, default: 0)) g(k ?: B);
	static T o = { .op = h, .n = &(T){ 0 } };
out:
	return o.op(&o), __builtin_offsetof(T, n);
}
