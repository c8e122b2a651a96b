// A module that is the Python package of the same name, for scripts and tools that look for a
// library where KPU simulators have one: `stillwater_kpu.so` beside the folder `stillwater_kpu`. An
// import finds the folder first; who loads this file by its path gets the package all the same.
#include <Python.h>

#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)
#define JOINED_OF(a, b) a##b
#define JOINED(a, b) JOINED_OF(a, b)

namespace {

PyObject* the_package(PyObject*, PyModuleDef*) {
    return PyImport_ImportModule(TEXT(TILEWRIGHT_FRONT));
}

PyModuleDef_Slot slots[] = {{Py_mod_create, reinterpret_cast<void*>(the_package)}, {0, nullptr}};
PyModuleDef definition = {PyModuleDef_HEAD_INIT,
                          TEXT(TILEWRIGHT_FRONT),
                          nullptr,
                          0,
                          nullptr,
                          slots,
                          nullptr,
                          nullptr,
                          nullptr};

}  // namespace

PyMODINIT_FUNC JOINED(PyInit_, TILEWRIGHT_FRONT)();  // no header declares it
PyMODINIT_FUNC JOINED(PyInit_, TILEWRIGHT_FRONT)() {
    return PyModuleDef_Init(&definition);
}
