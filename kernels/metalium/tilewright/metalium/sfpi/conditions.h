// Which lanes take part: what comparisons give, and v_if and its family.
//
// Flags of lanes are narrowed by one test after the other; what was before lies on the unit's
// stack, eight deep. The lanes of v_else are those on top of it without those that took part.
#pragma once

#include <concepts>

#include "tilewright/metalium/sfpi/registers.h"

namespace tilewright::metalium::vectors {

/// Of a value as an integer, against 0; numbered as the unit does.
enum class Test : std::uint8_t { less = 0, not_equal = 2, not_less = 4, equal = 6 };
constexpr Test opposite(Test test) {
    return test == Test::less        ? Test::not_less
           : test == Test::not_less  ? Test::less
           : test == Test::not_equal ? Test::equal
                                     : Test::not_equal;
}

struct Condition {};
template <class T>
concept AnyCondition = std::derived_from<T, Condition>;

struct Tested : Condition {
    Value value;
    Test test;
    TILEWRIGHT_DEVICE Tested(Value v, Test t) : value(v), test(t) {}
};
template <AnyCondition A, AnyCondition B>
struct Both : Condition {
    A a;
    B b;
    TILEWRIGHT_DEVICE Both(const A& x, const B& y) : a(x), b(y) {}
};
template <AnyCondition A, AnyCondition B>
struct Either : Condition {
    A a;
    B b;
    TILEWRIGHT_DEVICE Either(const A& x, const B& y) : a(x), b(y) {}
};

TILEWRIGHT_DEVICE Tested inverted(const Tested& c) {
    return {c.value, opposite(c.test)};
}
template <class A, class B>
TILEWRIGHT_DEVICE auto inverted(const Both<A, B>& c);
template <class A, class B>
TILEWRIGHT_DEVICE auto inverted(const Either<A, B>& c) {
    auto a = inverted(c.a);
    auto b = inverted(c.b);
    return Both<decltype(a), decltype(b)>(a, b);
}
template <class A, class B>
TILEWRIGHT_DEVICE auto inverted(const Both<A, B>& c) {
    auto a = inverted(c.a);
    auto b = inverted(c.b);
    return Either<decltype(a), decltype(b)>(a, b);
}

TILEWRIGHT_DEVICE void push_lanes() {
    kernel::tensix::issue(op::sfppushc{});
}
TILEWRIGHT_DEVICE void pop_lanes() {
    kernel::tensix::issue(op::sfppopc{});
}
/// Of the lanes on top of the stack, those that do not take part.
TILEWRIGHT_DEVICE void other_lanes() {
    kernel::tensix::issue(op::sfpcompc{});
}

/// Only lanes where it holds go on. `fresh`: nothing was narrowed since the last push_lanes().
TILEWRIGHT_DEVICE void narrow(const Tested& c, bool) {
    switch (c.test) {
        case Test::less:
            return use(op::sfpsetcc{.mode = 0}, c.value);
        case Test::not_equal:
            return use(op::sfpsetcc{.mode = 2}, c.value);
        case Test::not_less:
            return use(op::sfpsetcc{.mode = 4}, c.value);
        case Test::equal:
            return use(op::sfpsetcc{.mode = 6}, c.value);
    }
}
template <class A, class B>
TILEWRIGHT_DEVICE void narrow(const Either<A, B>& c, bool fresh);
template <class A, class B>
TILEWRIGHT_DEVICE void narrow(const Both<A, B>& c, bool fresh) {
    narrow(c.a, fresh);
    narrow(c.b, false);
}
/// 1 where it holds, else 0.
template <AnyCondition C>
TILEWRIGHT_DEVICE Value as_number(const C& c) {
    Value result = number(0);
    push_lanes();
    narrow(c, true);
    set(result, 1);
    pop_lanes();
    return result;
}
template <class A, class B>
TILEWRIGHT_DEVICE void narrow(const Either<A, B>& c, bool fresh) {
    if (fresh) {
        narrow(inverted(c), true);
        other_lanes();
    } else {
        narrow(Tested(as_number(c), Test::not_equal), false);
    }
}

/// What v_if opens and v_endif ends.
class Branch {
public:
    TILEWRIGHT_DEVICE Branch() { push(); }
    TILEWRIGHT_DEVICE ~Branch() {
        for (; depth_ != 0; --depth_) pop_lanes();
    }
    Branch(const Branch&) = delete;
    Branch& operator=(const Branch&) = delete;

    template <class C>
    TILEWRIGHT_DEVICE void take(const C& condition) {
        narrow_to(condition, fresh_);
        fresh_ = false;
    }
    TILEWRIGHT_DEVICE void otherwise() { other_lanes(); }
    /// What comes behind is of the lanes that take part now.
    TILEWRIGHT_DEVICE void otherwise_if() {
        other_lanes();
        push();
    }

private:
    TILEWRIGHT_DEVICE void push() {
        push_lanes();
        ++depth_;
        fresh_ = true;
    }
    template <AnyCondition C>
    TILEWRIGHT_DEVICE static void narrow_to(const C& c, bool fresh) {
        narrow(c, fresh);
    }
    template <class Integer>
    requires(!AnyCondition<Integer>) TILEWRIGHT_DEVICE
        static void narrow_to(const Integer& x, bool fresh) {
        narrow(Tested(x.get(), Test::not_equal), fresh);
    }

    unsigned depth_ = 0;
    bool fresh_ = true;
};

template <AnyCondition A, AnyCondition B>
TILEWRIGHT_DEVICE Both<A, B> operator&&(const A& a, const B& b) {
    return {a, b};
}
template <AnyCondition A, AnyCondition B>
TILEWRIGHT_DEVICE Either<A, B> operator||(const A& a, const B& b) {
    return {a, b};
}
template <AnyCondition A>
TILEWRIGHT_DEVICE auto operator!(const A& a) {
    return inverted(a);
}

}  // namespace tilewright::metalium::vectors

namespace sfpi {

/// A condition that was evaluated: 1 or 0 in a register.
struct vBool : tilewright::metalium::vectors::Tested {
    template <tilewright::metalium::vectors::AnyCondition C>
    TILEWRIGHT_DEVICE vBool(const C& c)
        : Tested(tilewright::metalium::vectors::as_number(c),
                 tilewright::metalium::vectors::Test::not_equal) {}
    vBool(const vBool&) = default;
};

}  // namespace sfpi

#define v_if(...)                                          \
    {                                                      \
        ::tilewright::metalium::vectors::Branch tw_branch; \
        tw_branch.take(__VA_ARGS__);
#define v_elseif(...)         \
    tw_branch.otherwise_if(); \
    tw_branch.take(__VA_ARGS__);
#define v_else tw_branch.otherwise();
#define v_endif }
#define v_block \
    {           \
        ::tilewright::metalium::vectors::Branch tw_branch;
#define v_endblock }
/// Fewer lanes until the end of the v_if or v_block around it.
#define v_and(...) tw_branch.take(__VA_ARGS__)
