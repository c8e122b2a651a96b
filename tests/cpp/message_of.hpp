// What the tests of all layers use to look at exceptions.
#pragma once

#include <gtest/gtest.h>

#include <string>

namespace tilewright {

/// The text of the exception of this type that `call` ends in; the test fails if it ends in none.
template <class Exception, class Call>
std::string message_of(Call&& call) {
    try {
        call();
    } catch (const Exception& error) {
        return error.what();
    }
    ADD_FAILURE() << "nothing was thrown";
    return "";
}

}  // namespace tilewright
