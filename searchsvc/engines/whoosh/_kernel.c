/* The engine's inner loops as a Python module: segments and terms that hold their arrays.
 *
 * Python's side of it: buffers are held and their lengths compared once, when a segment is made;
 * a posting list is checked once, when its term is; a program of nested tuples becomes nodes; what
 * was found becomes tuples and bytes. The interpreter's lock is released in between. What it all
 * means is said in `kernel.py`; `portable.py` takes over where this was not compiled, and the
 * tests hold the two against each other.
 */

#include "_calls.h"
#include "_laying.h"
#include "_lexicon.h"
#include "_packing.h"
#include "_typed.h"

static PyMethodDef segment_methods[] = {
    {"term", (PyCFunction)(void (*)(void))give_term, METH_FASTCALL, "Check a posting list."},
    {"union", make_union, METH_O, "Make one posting list of several."},
    {"in_titles", (PyCFunction)(void (*)(void))make_in_titles, METH_FASTCALL,
      "Make one posting list of several in titles."},
    {"living", find_living, METH_O, "Count the living documents of terms."},
    {"positions", find_positions, METH_VARARGS, "Give where terms stand in documents."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot segment_slots[] = {
    {Py_tp_new, new_segment},
    {Py_tp_dealloc, free_segment},
    {Py_tp_methods, segment_methods},
    {Py_tp_doc, "The arrays of a segment, held and checked."},
    {0, NULL},
};

static PyType_Spec segment_spec = {
    "searchsvc.engines.whoosh._kernel.Segment", sizeof(SegmentObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, segment_slots,
};

static PyMethodDef whole_methods[] = {
    {"search", (PyCFunction)(void (*)(void))search_whole, METH_FASTCALL,
      "Count what matches and give the best of it."},
    {"search_twice", (PyCFunction)(void (*)(void))search_twice, METH_FASTCALL,
      "Search by score, and order the best anew."},
    {"typed", (PyCFunction)(void (*)(void))type_word, METH_FASTCALL,
      "Find the lists of a typed word."},
    {"matching", match_whole, METH_VARARGS, "Give all documents that match."},
    {"groups_until", collect_groups, METH_VARARGS, "Give the groups of what is not after a place."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot whole_slots[] = {
    {Py_tp_new, new_whole},
    {Py_tp_dealloc, free_whole},
    {Py_tp_methods, whole_methods},
    {Py_tp_doc, "Segments that are searched as one."},
    {0, NULL},
};

static PyType_Spec whole_spec = {
    "searchsvc.engines.whoosh._kernel.Whole", sizeof(WholeObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, whole_slots,
};

static PyGetSetDef term_members[] = {
    {"articles", articles_of, NULL, "How many documents have the term.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot term_slots[] = {
    {Py_tp_dealloc, free_term},
    {Py_tp_getset, term_members},
    {Py_tp_doc, "A posting list that was checked."},
    {0, NULL},
};

static PyType_Spec term_spec = {
    "searchsvc.engines.whoosh._kernel.Term", sizeof(TermObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION, term_slots,
};

static PyGetSetDef typed_members[] = {
    {"lists", lists_of, NULL, "How many lists of postings it holds.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot typed_slots[] = {
    {Py_tp_dealloc, free_typed},
    {Py_tp_getset, typed_members},
    {Py_tp_doc, "A typed word, as the second pass looks for it."},
    {0, NULL},
};

static PyType_Spec typed_spec = {
    "searchsvc.engines.whoosh._kernel.Typed", sizeof(TypedObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION, typed_slots,
};

static int fill_module(PyObject *module) {
    Types *types = PyModule_GetState(module);
#if defined(__x86_64__) && defined(__GNUC__)
    if (!__builtin_cpu_supports("popcnt") || !__builtin_cpu_supports("ssse3")) {
        PyErr_SetString(PyExc_ImportError, "the processor is too old");
        return -1;
    }
#endif
    types->segments = (PyTypeObject *)PyType_FromModuleAndSpec(module, &segment_spec, NULL);
    types->terms = (PyTypeObject *)PyType_FromModuleAndSpec(module, &term_spec, NULL);
    types->wholes = (PyTypeObject *)PyType_FromModuleAndSpec(module, &whole_spec, NULL);
    types->typed = (PyTypeObject *)PyType_FromModuleAndSpec(module, &typed_spec, NULL);
    if (!types->segments || !types->terms || !types->wholes || !types->typed) return -1;
    return PyModule_AddType(module, types->segments) < 0 ||
                   PyModule_AddType(module, types->terms) < 0 ||
                   PyModule_AddType(module, types->typed) < 0 ||
                   PyModule_AddType(module, types->wholes) < 0
               ? -1 : 0;
}

static int visit_types(PyObject *module, visitproc visit, void *arg) {
    Types *types = PyModule_GetState(module);
    Py_VISIT(types->segments);
    Py_VISIT(types->terms);
    Py_VISIT(types->typed);
    Py_VISIT(types->wholes);
    return 0;
}

static int clear_types(PyObject *module) {
    Types *types = PyModule_GetState(module);
    Py_CLEAR(types->segments);
    Py_CLEAR(types->terms);
    Py_CLEAR(types->typed);
    Py_CLEAR(types->wholes);
    return 0;
}

static PyMethodDef functions[] = {
    {"find", find_key, METH_VARARGS, "Find a string in a sorted list of strings."},
    {"keys", list_keys, METH_VARARGS, "List a range of a sorted list of strings."},
    {"some_keys", list_some_keys, METH_VARARGS, "List some of a sorted list of strings."},
    {"near", near_keys, METH_VARARGS, "List the strings within some edits of another."},
    {"lay", (PyCFunction)(void (*)(void))lay_words, METH_FASTCALL, "Lay out plain words of a tree."},
    {"known", (PyCFunction)(void (*)(void))find_known, METH_FASTCALL, "Find typed words that are known."},
    {"pack_documents", pack_documents, METH_VARARGS, "Pack the documents of blocks."},
    {"pack", pack_postings, METH_VARARGS, "Pack frequencies and positions."},
    {"unpack", unpack_postings, METH_VARARGS, "Unpack frequencies and positions."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {{Py_mod_exec, fill_module}, {0, NULL}};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_kernel", NULL, sizeof(Types), functions, slots, visit_types,
    clear_types, NULL,
};

PyMODINIT_FUNC PyInit__kernel(void) { return PyModuleDef_Init(&definition); }
