/* The lexicon: what pymorphy3's dictionary has for a form, read from its files without pymorphy3.
 *
 * The files are double arrays (dawgdic): a walk by the bytes of a word, then a separator, and below
 * it the word's readings in base64, each a paradigm and a place in it. Endings of five letters and
 * less lead to readings too, with how many words have them. What is asked for is asked of Python
 * (`dictionary.py`, which does the same by pymorphy3's own objects) where None is given.
 */

#include "_lexicon.h"

#define STEPS 65536 /* on the way to the readings of a form; an ending takes 1,000 */
#define WALKS 256  /* spellings with «ё» that are followed; the dictionary has three of a form */

#define PREFIX 5     /* letters that may stand before a known word: pymorphy3's word_splits */
#define REMAINDER 3  /* letters of that word */
#define ENDING 5     /* letters of an ending that tells how a word is read */
#define ANALOGUE 4   /* letters of a word that is read by its ending */
#define MULTIPLIER 0.5 /* the score of both */

enum { SEPARATOR = 1, IE = 0x435, YO = 0x451 };

/* ---- a double array ----------------------------------------------------------------------- */

#define LABEL 0x800000FFu

/* Go to a child. */
int walk(const Graph *graph, uint32_t *at, uint8_t label) {
    uint32_t unit = graph->units[*at];
    uint32_t child = *at ^ unit >> 10 << ((unit & FAR) >> 6) ^ label;
    if (child >= graph->count || (graph->units[child] & LABEL) != label) return 0;
    *at = child;
    return 1;
}

/* Go on by a letter below U+0800 in UTF-8. */
int walk_letter(const Graph *graph, uint32_t *at, uint16_t letter) {
    if (letter < 0x80) return walk(graph, at, (uint8_t)letter);
    return walk(graph, at, (uint8_t)(0xC0 | letter >> 6)) &&
           walk(graph, at, (uint8_t)(0x80 | (letter & 0x3F)));
}

/* ---- readings of a form ------------------------------------------------------------------- */

typedef struct {
    const Graph *graph;
    const uint16_t *form;
    int length;
    int size; /* bytes of a reading */
    int walks, steps, count;
    Reading *readings;
} Search;

static int damaged(void) {
    PyErr_SetString(PyExc_ValueError, "the dictionary is damaged");
    return -1;
}

static int sextet(uint8_t letter) {
    if (letter >= 'A' && letter <= 'Z') return letter - 'A';
    if (letter >= 'a' && letter <= 'z') return letter - 'a' + 26;
    if (letter >= '0' && letter <= '9') return letter - '0' + 52;
    return letter == '+' ? 62 : letter == '/' ? 63 : -1;
}

/* Add the reading that base64 stands for: big-endian numbers. */
static int add(Search *search, const uint8_t *text, int length, uint64_t dotted) {
    uint8_t bytes[8];
    uint32_t bits = 0;
    int held = 0, count = 0, six;
    for (int i = 0; i < length && (six = sextet(text[i])) >= 0; i++) {
        bits = bits << 6 | (uint32_t)six;
        held += 6;
        if (held < 8) continue;
        if (count == search->size) return damaged();
        held -= 8;
        bytes[count++] = (uint8_t)(bits >> held);
    }
    if (count != search->size || search->count == MOST) return damaged();
    const uint8_t *own = bytes + count - 4;
    Reading *reading = &search->readings[search->count++];
    *reading = (Reading){dotted, 0, (uint16_t)(own[0] << 8 | own[1]),
                         (uint16_t)(own[2] << 8 | own[3])};
    for (int i = 0; i < count - 4; i++) reading->words = reading->words << 8 | bytes[i];
    return 0;
}

#define VALUE 16 /* letters of a reading in base64 */

/* Read what is below a node, in the order of the guide. */
static int read_below(Search *search, uint32_t at, uint64_t dotted, uint8_t *text, int length) {
    const Graph *graph = search->graph;
    if (graph->units[at] & HAS_LEAF && add(search, text, length, dotted) < 0) return -1;
    uint32_t child;
    for (uint8_t label = graph->guide[2 * at]; label; label = graph->guide[2 * child + 1]) {
        child = at;
        if (length == VALUE || search->steps++ == STEPS || !walk(graph, &child, label))
            return damaged();
        text[length] = label;
        if (read_below(search, child, dotted, text, length + 1) < 0) return -1;
    }
    return 0;
}

/* Read the form as spelt from a place on, then with «ё» for each of its «е» in turn. */
static int follow(Search *search, int place, uint32_t at, uint64_t dotted) {
    uint32_t before[LONGEST];
    uint8_t text[VALUE];
    int first = place;
    if (search->walks++ == WALKS) return damaged();
    for (; place < search->length; place++) {
        before[place] = at;
        if (!walk_letter(search->graph, &at, search->form[place])) break;
    }
    if (place == search->length) {
        place--;
        if (walk(search->graph, &at, SEPARATOR) && read_below(search, at, dotted, text, 0) < 0)
            return -1;
    }
    for (int i = first; i <= place; i++) {
        if (search->form[i] != IE) continue;
        at = before[i];
        if (walk_letter(search->graph, &at, YO) &&
            follow(search, i + 1, at, dotted | (uint64_t)1 << (search->length - 1 - i)) < 0)
            return -1;
    }
    return 0;
}

/* ---- paradigms ---------------------------------------------------------------------------- */

static Part part_of(const Lexicon *lexicon, Py_ssize_t number) {
    int32_t begin = number ? lexicon->ends[number - 1] : 0;
    return (Part){lexicon->letters + begin, lexicon->ends[number] - begin};
}

static Part prefix_of(const Lexicon *lexicon, int number) {
    return part_of(lexicon, lexicon->suffixes + number);
}

static const uint16_t *paradigm_of(const Lexicon *lexicon, const Reading *reading, int *size) {
    int32_t begin = lexicon->begins[reading->paradigm];
    *size = (lexicon->begins[reading->paradigm + 1] - begin) / 3;
    return lexicon->paradigms + begin;
}

int tag_of(const Lexicon *lexicon, const Reading *reading) {
    int size;
    const uint16_t *paradigm = paradigm_of(lexicon, reading, &size);
    return paradigm[size + reading->place];
}

/* Find the readings of a form in a graph, checked; gives how many, -1 with an exception set. */
int find_readings(const Lexicon *lexicon, const Graph *graph, const uint16_t *form, int length,
                Reading *readings) {
    Search search = {graph, form, length, graph == &lexicon->words ? 4 : 8, 0, 0, 0, readings};
    if (!length) return 0;
    if (follow(&search, 0, 0, 0) < 0) return -1;
    for (int i = 0; i < search.count; i++) {
        int size = 0;
        if (readings[i].paradigm < lexicon->count) paradigm_of(lexicon, &readings[i], &size);
        if (readings[i].place >= size) return damaged();
    }
    return search.count;
}

static int append(uint16_t *into, int length, Part part) {
    for (int i = 0; i < part.length; i++)
        into[length++] = part.letters[i] == YO ? IE : part.letters[i];
    return length;
}

/* Write the normal form of a form behind what is there, folded; gives the length of both. */
int normalise(const Lexicon *lexicon, Part form, const Reading *reading, uint16_t *into,
                     int length) {
    int size;
    const uint16_t *paradigm = paradigm_of(lexicon, reading, &size);
    if (!reading->place) return append(into, length, form);
    int ahead = prefix_of(lexicon, paradigm[2 * size + reading->place]).length;
    int stem = form.length - ahead - part_of(lexicon, paradigm[reading->place]).length;
    length = append(into, length, prefix_of(lexicon, paradigm[2 * size]));
    if (stem > 0) length = append(into, length, (Part){form.letters + ahead, stem});
    return append(into, length, part_of(lexicon, paradigm[0]));
}

/* ---- what is asked ------------------------------------------------------------------------ */

/* Copy a form; gives its length, -2 where Python is to be asked, -1 with an exception set. */
static int form_of(PyObject *text, uint16_t *form) {
    Py_UCS4 wide[LONGEST];
    if (!PyUnicode_Check(text)) {
        PyErr_SetString(PyExc_TypeError, "a form is a text");
        return -1;
    }
    Py_ssize_t length = PyUnicode_GetLength(text);
    if (length > LONGEST) return -2;
    if (length && !PyUnicode_AsUCS4(text, wide, LONGEST, 0)) return -1;
    for (Py_ssize_t i = 0; i < length; i++) {
        if (wide[i] >= 0x800) return -2;
        form[i] = (uint16_t)wide[i];
    }
    return (int)length;
}

static PyObject *string_of(const uint16_t *letters, int length) {
    wchar_t wide[NORMAL];
    for (int i = 0; i < length; i++) wide[i] = letters[i];
    return PyUnicode_FromWideChar(wide, length);
}

/* Give the normal form of a reading of what stands behind some letters, and these before it. */
static PyObject *lemma_of(const Lexicon *lexicon, Part form, int ahead, const Reading *reading) {
    uint16_t normal[NORMAL];
    Part rest = {form.letters + ahead, form.length - ahead};
    int length = append(normal, 0, (Part){form.letters, ahead});
    return string_of(normal, normalise(lexicon, rest, reading, normal, length));
}

/* Give (lemma, number of the tag, score, letters with dots, paradigm). */
static PyObject *parse_of(const Lexicon *lexicon, Part form, int ahead, const Reading *reading,
                          double score) {
    return Py_BuildValue("NidKi", lemma_of(lexicon, form, ahead, reading),
                         tag_of(lexicon, reading), score, reading->dotted, reading->paradigm);
}

/* Find what a method was asked about; gives how many readings, the rest as `form_of`. */
static int asked(PyObject *self, PyObject *text, uint16_t *letters, Part *form,
                 Reading *readings) {
    const Lexicon *lexicon = (Lexicon *)self;
    *form = (Part){letters, form_of(text, letters)};
    if (form->length < 0) return form->length;
    return find_readings(lexicon, &lexicon->words, letters, form->length, readings);
}

/* Write the distinct normal forms; gives how many, -2 where they are too many. */
static int distinct_of(const Lexicon *lexicon, Part form, uint16_t normal[DISTINCT][NORMAL],
                       int *lengths) {
    Reading readings[MOST];
    int distinct = 0;
    int count = find_readings(lexicon, &lexicon->words, form.letters, form.length, readings);
    for (int i = 0; i < count; i++) {
        if (distinct == DISTINCT) return -2;
        int length = normalise(lexicon, form, &readings[i], normal[distinct], 0), former = 0;
        while (former < distinct && (lengths[former] != length ||
                                     memcmp(normal[former], normal[distinct], 2 * (size_t)length)))
            former++;
        if (former == distinct) lengths[distinct++] = length;
    }
    return count < 0 ? -1 : distinct;
}

static PyObject *tuple_of(uint16_t normal[DISTINCT][NORMAL], const int *lengths, int count) {
    PyObject *result = PyTuple_New(count);
    for (int i = 0; result && i < count; i++) {
        PyObject *lemma = string_of(normal[i], lengths[i]);
        if (!lemma || PyTuple_SetItem(result, i, lemma) < 0) Py_CLEAR(result);
    }
    return result;
}

/* lemmas(form): the distinct normal forms */
static PyObject *lemmas(PyObject *self, PyObject *text) {
    uint16_t letters[LONGEST], normal[DISTINCT][NORMAL];
    int lengths[DISTINCT];
    Part form = {letters, form_of(text, letters)};
    int count = form.length;
    if (count >= 0) count = distinct_of((Lexicon *)self, form, normal, lengths);
    if (count == -1) return NULL;
    if (count < 0) Py_RETURN_NONE;
    return tuple_of(normal, lengths, count);
}

/* readings(form): a list of (lemma, number of the tag, whether the form is the normal form) */
static PyObject *readings(PyObject *self, PyObject *text) {
    const Lexicon *lexicon = (Lexicon *)self;
    Reading found[MOST];
    uint16_t letters[LONGEST];
    Part form;
    int count = asked(self, text, letters, &form, found);
    if (count == -1) return NULL;
    if (count < 0) Py_RETURN_NONE;
    PyObject *result = PyList_New(count);
    for (int i = 0; result && i < count; i++) {
        PyObject *base = PyBool_FromLong(!found[i].place);
        PyObject *item = Py_BuildValue("NiN", lemma_of(lexicon, form, 0, &found[i]),
                                       tag_of(lexicon, &found[i]), base);
        if (!item || PyList_SetItem(result, i, item) < 0) Py_CLEAR(result);
    }
    return result;
}

/* parses(form): a list of (lemma, number of the tag, 1.0, letters with dots, paradigm) */
static PyObject *parses(PyObject *self, PyObject *text) {
    Reading found[MOST];
    uint16_t letters[LONGEST];
    Part form;
    int count = asked(self, text, letters, &form, found);
    if (count == -1) return NULL;
    if (count < 0) Py_RETURN_NONE;
    PyObject *result = PyList_New(count);
    for (int i = 0; result && i < count; i++) {
        PyObject *parse = parse_of((Lexicon *)self, form, 0, &found[i], 1.0);
        if (!parse || PyList_SetItem(result, i, parse) < 0) Py_CLEAR(result);
    }
    return result;
}

/* counted(form): whether its tags were counted in texts */
static PyObject *counted(PyObject *self, PyObject *text) {
    const Lexicon *lexicon = (Lexicon *)self;
    uint16_t form[LONGEST];
    uint32_t at = 0;
    int length = form_of(text, form), place = 0;
    if (length == -1) return NULL;
    if (length < 0) Py_RETURN_NONE;
    while (place < length && walk_letter(&lexicon->counts, &at, form[place])) place++;
    return PyBool_FromLong(place == length && walk(&lexicon->counts, &at, ':'));
}

/* ---- analogies ---------------------------------------------------------------------------- */

/* Tell whether a reading may be one of words that the dictionary lacks. */
static int is_productive(const Lexicon *lexicon, const Reading *reading) {
    return lexicon->productive[tag_of(lexicon, reading)];
}

/* Add an analogy unless the same word was read the same way; 0 where they are too many. */
static int add_analogy(Analogies *all, const Reading *reading, int prefix, double score) {
    const Lexicon *lexicon = all->lexicon;
    uint16_t tag = lexicon->alike[tag_of(lexicon, reading)];
    for (int i = 0; i < all->count; i++) {
        const Reading *former = &all->analogies[i].reading;
        if (former->dotted == reading->dotted && former->paradigm == reading->paradigm &&
            lexicon->alike[tag_of(lexicon, former)] == tag)
            return 1;
    }
    if (all->count == MOST) return 0;
    all->analogies[all->count++] = (Analogy){*reading, prefix, score};
    return 1;
}

static int begins_with(Part form, Part prefix) {
    return form.length >= prefix.length &&
           !memcmp(form.letters, prefix.letters, 2 * (size_t)prefix.length);
}

/* Read the form as a known word behind a known prefix, the longest first: «супер» + «игра». */
static int by_prefix(Analogies *all) {
    const Lexicon *lexicon = all->lexicon;
    Reading readings[MOST];
    for (Py_ssize_t i = lexicon->suffixes + lexicon->prefixes; i < lexicon->parts; i++) {
        Part prefix = part_of(lexicon, i);
        int rest = all->form.length - prefix.length;
        if (rest < REMAINDER || !begins_with(all->form, prefix)) continue;
        int count = find_readings(lexicon, &lexicon->words, all->form.letters + prefix.length, rest,
                         readings);
        if (count < 0) return -1;
        for (int j = 0; j < count; j++) {
            if (!is_productive(lexicon, &readings[j])) continue;
            if (all->count == MOST) return 0;
            all->analogies[all->count++] = (Analogy){readings[j], prefix.length, 1};
        }
    }
    return 1;
}

/* Read the form as a known word behind some letters: «рос» + «гвардия». */
static int by_part(Analogies *all) {
    Reading readings[MOST];
    for (int ahead = 1; ahead <= PREFIX && ahead <= all->form.length - REMAINDER; ahead++) {
        int count = find_readings(all->lexicon, &all->lexicon->words, all->form.letters + ahead,
                         all->form.length - ahead, readings);
        if (count < 0) return -1;
        for (int i = 0; i < count; i++)
            if (is_productive(all->lexicon, &readings[i]) &&
                !add_analogy(all, &readings[i], ahead, MULTIPLIER))
                return 0;
    }
    return 1;
}

/* Read the form as words do that have its longest known ending, and a prefix of paradigms. */
static int by_ending_of(Analogies *all, int prefix) {
    const Lexicon *lexicon = all->lexicon;
    Reading readings[MOST];
    int first = all->count;
    uint64_t total = 1;
    for (int size = ENDING; size && total == 1; size--) {
        int length = size < all->form.length ? size : all->form.length;
        int count = find_readings(lexicon, &lexicon->endings[prefix],
                         all->form.letters + all->form.length - length, length, readings);
        if (count < 0) return -1;
        for (int i = 0; i < count; i++) {
            if (!is_productive(lexicon, &readings[i])) continue;
            total += readings[i].words;
            if (!add_analogy(all, &readings[i], 0, 0)) return 0;
        }
    }
    for (int i = first; i < all->count; i++)
        all->analogies[i].score =
            (double)all->analogies[i].reading.words / (double)total * MULTIPLIER;
    return 1;
}

/* Order analogies by score, the best first, equal ones as they stand. */
static void sort(Analogy *analogies, int count) {
    for (int i = 1; i < count; i++) {
        Analogy own = analogies[i];
        int place = i;
        for (; place && analogies[place - 1].score < own.score; place--)
            analogies[place] = analogies[place - 1];
        analogies[place] = own;
    }
}

static int by_ending(Analogies *all) {
    int first = all->count, done = 1;
    if (all->form.length < ANALOGUE) return 1;
    for (int prefix = all->lexicon->prefixes - 1; done > 0 && prefix >= 0; prefix--)
        if (begins_with(all->form, prefix_of(all->lexicon, prefix)))
            done = by_ending_of(all, prefix);
    sort(all->analogies + first, all->count - first);
    return done;
}

/* Add a score to that of a lemma. */
static int add_score(PyObject *scores, PyObject *lemma, double score) {
    PyObject *former = PyDict_GetItemWithError(scores, lemma);
    if (!former && PyErr_Occurred()) return -1;
    PyObject *sum = PyFloat_FromDouble(former ? PyFloat_AsDouble(former) + score : score);
    int failed = !sum || PyDict_SetItem(scores, lemma, sum) < 0;
    Py_XDECREF(sum);
    return failed ? -1 : 0;
}

int find_analogies(Analogies *all, int prefixes) {
    int done = prefixes ? by_prefix(all) : 1;
    if (done > 0 && !all->count) {
        done = by_part(all);
        if (done > 0) done = by_ending(all);
    }
    return done ? done : -2;
}

/* Find the analogies of a text; as `form_of`, and -2 too where they are too many. */
static int analogies_of(PyObject *self, PyObject *text, int prefixes, uint16_t *letters,
                        Analogies *all) {
    all->lexicon = (Lexicon *)self;
    all->form = (Part){letters, form_of(text, letters)};
    all->count = 0;
    return all->form.length < 0 ? all->form.length : find_analogies(all, prefixes);
}

/* Sum the scores of each normal form. */
static PyObject *scores_of(const Analogies *all) {
    PyObject *scores = PyDict_New();
    for (int i = 0; scores && i < all->count; i++) {
        const Analogy *analogy = &all->analogies[i];
        PyObject *lemma = lemma_of(all->lexicon, all->form, analogy->prefix, &analogy->reading);
        if (!lemma || add_score(scores, lemma, analogy->score) < 0) Py_CLEAR(scores);
        Py_XDECREF(lemma);
    }
    return scores;
}

/* Give the lemmas of a dict with their parts of all scores, the best first. */
static PyObject *ranked(PyObject *scores) {
    struct { PyObject *lemma; double score; } own, all[MOST];
    PyObject *lemma, *score;
    Py_ssize_t at = 0, place;
    int count = 0;
    double total = 0;
    while (count < MOST && PyDict_Next(scores, &at, &lemma, &score)) {
        own.lemma = lemma;
        own.score = PyFloat_AsDouble(score);
        total += own.score;
        for (place = count++; place && all[place - 1].score < own.score; place--)
            all[place] = all[place - 1];
        all[place] = own;
    }
    PyObject *result = PyList_New(count);
    for (int i = 0; result && i < count; i++) {
        PyObject *guess = Py_BuildValue("Od", all[i].lemma, all[i].score / total);
        if (!guess || PyList_SetItem(result, i, guess) < 0) Py_CLEAR(result);
    }
    return result;
}

/* guesses(form): a list of (normal form, its part of the scores), behind known prefixes if any */
static PyObject *guesses(PyObject *self, PyObject *text) {
    uint16_t letters[LONGEST];
    Analogies all;
    int done = analogies_of(self, text, 1, letters, &all);
    if (done == -1) return NULL;
    if (done < 0) Py_RETURN_NONE;
    PyObject *scores = scores_of(&all);
    PyObject *result = scores ? ranked(scores) : NULL;
    Py_XDECREF(scores);
    return result;
}

/* guessed(form): a list of analogies as `parses` */
static PyObject *guessed(PyObject *self, PyObject *text) {
    uint16_t letters[LONGEST];
    Analogies all;
    int done = analogies_of(self, text, 0, letters, &all);
    if (done == -1) return NULL;
    if (done < 0) Py_RETURN_NONE;
    PyObject *result = PyList_New(all.count);
    for (int i = 0; result && i < all.count; i++) {
        const Analogy *analogy = &all.analogies[i];
        PyObject *parse = parse_of(all.lexicon, all.form, analogy->prefix, &analogy->reading,
                                   analogy->score);
        if (!parse || PyList_SetItem(result, i, parse) < 0) Py_CLEAR(result);
    }
    return result;
}

/* ---- the module --------------------------------------------------------------------------- */

static int refused(const char *what) {
    PyErr_Format(PyExc_ValueError, "%s of the dictionary do not fit", what);
    return -1;
}

/* Look into a file: the number of units, the units, the number again, the guide. */
static int open_graph(Graph *graph, PyObject *file) {
    uint32_t count, guided;
    if (PyObject_GetBuffer(file, &graph->view, PyBUF_SIMPLE) < 0) return -1;
    const uint8_t *bytes = graph->view.buf;
    size_t size = (size_t)graph->view.len;
    if (size < 8 || (uintptr_t)bytes % 4) return refused("words");
    memcpy(&count, bytes, 4);
    if (!count || (size - 8) / 6 < count) return refused("words");
    memcpy(&guided, bytes + 4 + 4 * (size_t)count, 4);
    if (guided != count) return refused("words");
    graph->units = (const uint32_t *)(bytes + 4);
    graph->guide = bytes + 8 + 4 * (size_t)count;
    graph->count = count;
    return 0;
}

static int check_ends(const Lexicon *lexicon, Py_ssize_t count, Py_ssize_t letters) {
    for (Py_ssize_t i = 0; i < count; i++) {
        int32_t begin = i ? lexicon->ends[i - 1] : 0;
        if (lexicon->ends[i] < begin || lexicon->ends[i] > letters ||
            lexicon->ends[i] - begin > LONGEST)
            return refused("suffixes");
    }
    return 0;
}

static int check_paradigm(const Lexicon *lexicon, const int32_t *begin, Py_ssize_t length) {
    if (*begin < 0 || begin[1] <= *begin || begin[1] > length || (begin[1] - *begin) % 3)
        return refused("paradigms");
    int size = (begin[1] - *begin) / 3;
    const uint16_t *paradigm = lexicon->paradigms + *begin;
    for (int i = 0; i < size; i++)
        if (paradigm[i] >= lexicon->suffixes || paradigm[size + i] >= lexicon->tags ||
            paradigm[2 * size + i] >= lexicon->prefixes)
            return refused("paradigms");
    return 0;
}

/* Take the tables apart; all that is read later lies within them. */
static int open_tables(Lexicon *lexicon, Py_ssize_t suffixes) {
    const Py_buffer *tables = lexicon->tables;
    lexicon->paradigms = tables[PARADIGMS].buf;
    lexicon->begins = tables[BEGINS].buf;
    lexicon->count = tables[BEGINS].len / 4 - 1;
    lexicon->letters = tables[LETTERS].buf;
    lexicon->ends = tables[ENDS].buf;
    lexicon->parts = tables[ENDS].len / 4;
    lexicon->suffixes = suffixes;
    lexicon->alike = tables[ALIKE].buf;
    lexicon->productive = tables[PRODUCTIVE].buf;
    lexicon->tags = tables[PRODUCTIVE].len;
    if (lexicon->count < 0 || suffixes < 0 || suffixes > lexicon->parts - lexicon->prefixes)
        return refused("tables");
    if (tables[ALIKE].len / 2 != lexicon->tags) return refused("tags");
    if (check_ends(lexicon, lexicon->parts, tables[LETTERS].len / 2) < 0) return -1;
    for (Py_ssize_t i = 0; i < lexicon->count; i++)
        if (check_paradigm(lexicon, lexicon->begins + i, tables[PARADIGMS].len / 2) < 0) return -1;
    return 0;
}

static int open_all(Lexicon *lexicon, PyObject *graphs, PyObject *tables, Py_ssize_t suffixes) {
    Py_ssize_t count = PyTuple_Size(graphs);
    if (count < 3 || count > 2 + ENDINGS || PyTuple_Size(tables) != TABLES)
        return refused("files");
    lexicon->prefixes = (int)count - 2;
    for (int i = 0; i < count; i++) {
        Graph *graph = i == 0 ? &lexicon->words : i == 1 ? &lexicon->counts
                                                         : &lexicon->endings[i - 2];
        if (open_graph(graph, PyTuple_GetItem(graphs, i)) < 0) return -1;
    }
    for (int i = 0; i < TABLES; i++)
        if (PyObject_GetBuffer(PyTuple_GetItem(tables, i), &lexicon->tables[i], PyBUF_SIMPLE) < 0)
            return -1;
    return open_tables(lexicon, suffixes);
}

static void drop(PyObject *self) {
    Lexicon *lexicon = (Lexicon *)self;
    PyTypeObject *type = Py_TYPE(self);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    PyBuffer_Release(&lexicon->words.view);
    PyBuffer_Release(&lexicon->counts.view);
    for (int i = 0; i < ENDINGS; i++) PyBuffer_Release(&lexicon->endings[i].view);
    for (int i = 0; i < TABLES; i++) PyBuffer_Release(&lexicon->tables[i]);
    release(self);
    Py_DECREF(type);
}

/* Lexicon((words, counts, endings...), (paradigms, begins, letters, ends, alike, productive),
 * suffixes): letters and ends are those of so many suffixes, then of prefixes. */
static PyObject *make(PyTypeObject *type, PyObject *arguments, PyObject *names) {
    PyObject *graphs, *tables;
    Py_ssize_t suffixes;
    if (names && PyDict_Size(names)) {
        PyErr_SetString(PyExc_TypeError, "arguments go by their places");
        return NULL;
    }
    if (!PyArg_ParseTuple(arguments, "O!O!n", &PyTuple_Type, &graphs, &PyTuple_Type, &tables,
                          &suffixes))
        return NULL;
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    PyObject *self = allocate(type, 0);
    if (self && open_all((Lexicon *)self, graphs, tables, suffixes) < 0) Py_CLEAR(self);
    return self;
}

static PyMethodDef methods[] = {
    {"lemmas", lemmas, METH_O, "Give the distinct normal forms of a form."},
    {"lemmatise", lemmatise, METH_VARARGS, "Give the lemmas of forms, many at once."},
    {"readings", readings, METH_O, "Give the readings of a form."},
    {"counted", counted, METH_O, "Tell whether a form's tags were counted."},
    {"parses", parses, METH_O, "Give the readings of a form as pymorphy3's parses."},
    {"guessed", guessed, METH_O, "Give analogies as pymorphy3's parses."},
    {"guesses", guesses, METH_O, "Guess normal forms of an unknown word, the likeliest first."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_new, make},
    {Py_tp_dealloc, drop},
    {Py_tp_methods, methods},
    {Py_tp_doc, "The files of a dictionary, opened."},
    {0, NULL},
};

static PyType_Spec specification = {
    "searchsvc.analysis._lexicon.Lexicon", sizeof(Lexicon), 0, Py_TPFLAGS_DEFAULT, slots,
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_lexicon", NULL, 0, NULL, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__lexicon(void) {
    PyObject *module = PyModule_Create(&definition);
    if (!module) return NULL;
    PyObject *type = PyType_FromSpec(&specification);
    if (!type || PyModule_AddObjectRef(module, "Lexicon", type) < 0) {
        Py_XDECREF(type);
        Py_DECREF(module);
        return NULL;
    }
    Py_DECREF(type);
    return module;
}
