// What the shared library exports: everything else is hidden, so that it can change.
#pragma once

/// Marks a class or function that programs outside the library use. Types of exceptions need it as
/// well: one that is thrown by a library is caught elsewhere only where both know it as one type.
#define TILEWRIGHT_API __attribute__((visibility("default")))
