// The sorts of arithmetic types that libc++ expects to find compiled in its library.
//
// Its headers only declare std::sort over plain pointers to these types; kernels link no libc++, so
// the bodies are made here from the general template.
#include <algorithm>

#if defined(_LIBCPP_VERSION) && _LIBCPP_VERSION >= 160000

_LIBCPP_BEGIN_NAMESPACE_STD

template <class Compare, class Iterator>
void __sort(Iterator first, Iterator last, Compare) {
    std::sort(first, last, [](auto a, auto b) { return a < b; });
}

#define TILEWRIGHT_SORT(Type) \
    template void __sort<__less<Type>&, Type*>(Type*, Type*, __less<Type>&);
TILEWRIGHT_SORT(char)
TILEWRIGHT_SORT(signed char)
TILEWRIGHT_SORT(unsigned char)
TILEWRIGHT_SORT(short)
TILEWRIGHT_SORT(unsigned short)
TILEWRIGHT_SORT(int)
TILEWRIGHT_SORT(unsigned int)
TILEWRIGHT_SORT(long)
TILEWRIGHT_SORT(unsigned long)
TILEWRIGHT_SORT(long long)
TILEWRIGHT_SORT(unsigned long long)
TILEWRIGHT_SORT(float)
TILEWRIGHT_SORT(double)

_LIBCPP_END_NAMESPACE_STD

#endif
