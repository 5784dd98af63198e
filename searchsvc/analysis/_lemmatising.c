/* Lemmatising: what weighing.py and guessing.py say of forms, of many at once.
 *
 * The tables of the rules (kinds of readings, the shares they need) come from there, and are the
 * same here. Python is asked about the keys of unknown words (paradigms.py) and, as `ask`, about
 * whatever is no plain word of letters: compounds, ordinals, irregular forms, too many readings.
 */

#include "_lexicon.h"

#include <stdlib.h>

/* What is said of a tag. */
enum {
    SHORTENED = 1, /* an abbreviation that stands for no word */
    PAST = 2,
    PLURAL = 4,
    NAMEABLE = 8, /* a known word whose unknown cases are another's */
    FEMININE = 16,
    PLACES = 32, /* a place that has no singular */
};

enum { NEVER, ALWAYS, BESIDE_PAST }; /* when a kind's lemmas go that were never counted */

enum { A = 0x430, YA = 0x44F, SOFT = 0x44C, SHORT_I = 0x439, O = 0x43E, YU = 0x44E };

#define WORDS 16  /* endings, or words, of one rule */
#define FOUND 64  /* lemmas of an unknown form */
#define ASKED (-2) /* Python is to be asked */

typedef struct {
    int count;
    Part words[WORDS];
    uint16_t letters[WORDS][LONGEST];
} Words;

typedef struct {
    const uint8_t *kinds, *flags; /* of each tag */
    const char *names;            /* of tags, end to end */
    const int32_t *ends;
    const double *needed; /* by kind, the share that its lemmas need */
    const uint8_t *weak;  /* by kind, when they go */
    int acronym, sure_length, most, least;
    double share, sure;
    Words surnames, regular, irregular, vowels;
} Rules;

typedef struct {
    uint16_t letters[NORMAL];
    int length;
    double share;
    int kind; /* -1: no reading counts */
} Lemma;

typedef struct {
    const Lexicon *lexicon;
    Rules rules;
    PyObject *keys, *ask;
    char *bytes; /* lemmas, a line feed behind each */
    size_t filled, room;
    int32_t *counts;
    Py_ssize_t lines;
    Lemma *lemmas; /* of the form, MOST of them */
    Reading readings[MOST];
    Analogies analogies;
} Work;

/* ---- what is written ---------------------------------------------------------------------- */

static int write_bytes(Work *work, const char *bytes, size_t size) {
    if (work->filled + size + 1 > work->room) {
        size_t room = 2 * (work->filled + size + 1);
        char *grown = realloc(work->bytes, room);
        if (!grown) {
            PyErr_NoMemory();
            return -1;
        }
        work->bytes = grown;
        work->room = room;
    }
    memcpy(work->bytes + work->filled, bytes, size);
    work->filled += size;
    work->bytes[work->filled++] = '\n';
    work->counts[work->lines]++;
    return 0;
}

/* Write a lemma of letters as UTF-8. */
static int write_letters(Work *work, const uint16_t *letters, int length) {
    char bytes[3 * NORMAL];
    size_t size = 0;
    for (int i = 0; i < length; i++) {
        uint16_t letter = letters[i];
        if (letter < 0x80) bytes[size++] = (char)letter;
        else if (letter < 0x800) {
            bytes[size++] = (char)(0xC0 | letter >> 6);
            bytes[size++] = (char)(0x80 | (letter & 0x3F));
        } else {
            bytes[size++] = (char)(0xE0 | letter >> 12);
            bytes[size++] = (char)(0x80 | (letter >> 6 & 0x3F));
            bytes[size++] = (char)(0x80 | (letter & 0x3F));
        }
    }
    return write_bytes(work, bytes, size);
}

/* Tell how many items what Python gave has; -1 with an exception set. */
static Py_ssize_t items_of(PyObject *tuple) {
    if (!tuple || PyTuple_Check(tuple)) return tuple ? PyTuple_Size(tuple) : -1;
    PyErr_SetString(PyExc_TypeError, "keys and lemmas are tuples");
    return -1;
}

/* Write the lemmas that Python gives of a form. */
static int write_asked(Work *work, const uint8_t *form, size_t size) {
    PyObject *text = PyUnicode_DecodeUTF8((const char *)form, (Py_ssize_t)size, "surrogatepass");
    PyObject *lemmas = text ? PyObject_CallFunctionObjArgs(work->ask, text, NULL) : NULL;
    Py_ssize_t count = items_of(lemmas);
    int failed = count < 0;
    for (Py_ssize_t i = 0; !failed && i < count; i++) {
        char *bytes;
        Py_ssize_t length;
        PyObject *lemma = PyUnicode_AsEncodedString(PyTuple_GetItem(lemmas, i), "utf-8",
                                                    "surrogatepass");
        failed = !lemma || PyBytes_AsStringAndSize(lemma, &bytes, &length) < 0 ||
                 write_bytes(work, bytes, (size_t)length) < 0;
        Py_XDECREF(lemma);
    }
    Py_XDECREF(text);
    Py_XDECREF(lemmas);
    return failed ? -1 : 0;
}

/* ---- letters ------------------------------------------------------------------------------ */

static int is_same(Part one, Part other) {
    return one.length == other.length &&
           !memcmp(one.letters, other.letters, 2 * (size_t)one.length);
}

static int ends_with(Part form, const Words *endings) {
    for (int i = 0; i < endings->count; i++) {
        Part ending = endings->words[i];
        int ahead = form.length - ending.length;
        if (ahead >= 0 && is_same((Part){form.letters + ahead, ending.length}, ending)) return 1;
    }
    return 0;
}

static int is_among(Part form, const Words *words) {
    for (int i = 0; i < words->count; i++)
        if (is_same(form, words->words[i])) return 1;
    return 0;
}

static Part part_of(const Lemma *lemma) { return (Part){lemma->letters, lemma->length}; }

static uint16_t last_of(Part form) { return form.length ? form.letters[form.length - 1] : 0; }

/* Find the lemma that has been met, or take the next of `count`; NULL where there is no room. */
static Lemma *met(Lemma *lemmas, int *count, int most, Part own) {
    for (int i = 0; i < *count; i++)
        if (is_same(part_of(&lemmas[i]), own)) return &lemmas[i];
    if (*count == most) return NULL;
    Lemma *lemma = &lemmas[(*count)++];
    memcpy(lemma->letters, own.letters, 2 * (size_t)own.length);
    lemma->length = own.length;
    lemma->share = 0;
    lemma->kind = -1;
    return lemma;
}

/* ---- known words: weighing.py ------------------------------------------------------------- */

/* Go to where the counts of a form's tags begin; 0 where there are none. */
static int find_counts(const Lexicon *lexicon, Part form, uint32_t *at) {
    *at = 0;
    for (int i = 0; i < form.length; i++)
        if (!walk_letter(&lexicon->counts, at, form.letters[i])) return 0;
    return walk(&lexicon->counts, at, ':');
}

/* Give how often a tag was counted of a million. */
static double counted(const Work *work, uint32_t at, int tag) {
    const Graph *graph = &work->lexicon->counts;
    const Rules *rules = &work->rules;
    for (int32_t i = tag ? rules->ends[tag - 1] : 0; i < rules->ends[tag]; i++)
        if (!walk(graph, &at, (uint8_t)rules->names[i])) return 0;
    uint32_t unit = graph->units[at];
    uint32_t leaf = at ^ unit >> 10 << ((unit & FAR) >> 6);
    return unit & HAS_LEAF && leaf < graph->count ? graph->units[leaf] & 0x7FFFFFFF : 0;
}

/* Order lemmas by share, the largest first, equal ones as they stand. */
static void sort(Lemma *lemmas, int count) {
    for (int i = 1; i < count; i++) {
        int place = i;
        if (lemmas[i - 1].share >= lemmas[i].share) continue;
        Lemma own = lemmas[i];
        for (; place && lemmas[place - 1].share < own.share; place--)
            lemmas[place] = lemmas[place - 1];
        lemmas[place] = own;
    }
}

/* Add up what the readings of each lemma are worth; gives how many lemmas, or ASKED. */
static int add_up(Work *work, Part form, int readings, int *plural, int *past) {
    const Rules *rules = &work->rules;
    uint16_t normal[NORMAL];
    uint32_t at;
    int count = 0, any = find_counts(work->lexicon, form, &at);
    for (int i = 0; i < readings; i++) {
        const Reading *reading = &work->readings[i];
        int tag = tag_of(work->lexicon, reading), flags = rules->flags[tag];
        if (flags & SHORTENED) continue;
        Part own = {normal, normalise(work->lexicon, form, reading, normal, 0)};
        Lemma *lemma = met(work->lemmas, &count, DISTINCT, own);
        if (!lemma) return ASKED;
        *plural &= !!(flags & PLURAL);
        *past |= flags & PAST;
        if (any) lemma->share += counted(work, at, tag) / 1000000;
        int kind = rules->kinds[tag];
        if (lemma->kind < 0 || rules->needed[kind] <= rules->needed[lemma->kind])
            lemma->kind = kind;
    }
    return count;
}

/* Tell whether a lemma stays, the first of its form or another. */
static int stays(const Rules *rules, const Lemma *lemma, int first, int seen, int past) {
    if (seen) return first || lemma->share >= rules->needed[lemma->kind];
    int weak = rules->weak[lemma->kind];
    return weak == NEVER || (weak == BESIDE_PAST && !past);
}

/* Write the lemmas of a known form that its readings make probable; or ASKED. */
static int weigh(Work *work, Part form, int readings) {
    const Rules *rules = &work->rules;
    int plural = 1, past = 0, seen = 0, kept = 0, own = 0;
    int count = add_up(work, form, readings, &plural, &past);
    if (count < 0) return count;
    for (int i = 0; i < count; i++) seen |= work->lemmas[i].share != 0;
    if (seen) sort(work->lemmas, count);
    for (int i = 0; i < count; i++)
        kept += stays(rules, &work->lemmas[i], i == 0, seen, past);
    for (int i = 0; i < count; i++) {
        const Lemma *lemma = &work->lemmas[i];
        if (kept && !stays(rules, lemma, i == 0, seen, past)) continue;
        if (write_letters(work, lemma->letters, lemma->length) < 0) return -1;
        own |= is_same(part_of(lemma), form);
    }
    if (count && (own || !plural || !ends_with(form, &rules->surnames))) return 0;
    return write_letters(work, form.letters, form.length);
}

/* ---- unknown words: guessing.py ----------------------------------------------------------- */

/* Find the readings of a word as its own normal form: 0 where there are none, 1 for those of a
 * common word, 2 where one of them may have unknown cases; or ASKED. */
static int find_base(Work *work, Part word) {
    int base = 0;
    if (word.length > LONGEST) return ASKED;
    for (int i = 0; i < word.length; i++)
        if (word.letters[i] >= 0x800) return ASKED;
    int count = find_readings(work->lexicon, &work->lexicon->words, word.letters, word.length,
                     work->readings);
    if (count < 0) return -1;
    for (int i = 0; i < count; i++) {
        int flags = work->rules.flags[tag_of(work->lexicon, &work->readings[i])];
        if (work->readings[i].place) continue;
        if (!base) base = 1;
        if (flags & NAMEABLE || (flags & FEMININE && last_of(word) == SOFT)) base = 2;
    }
    return base;
}

/* Sum the scores of each lemma, the best first; gives how many, or ASKED. */
static int rank(Work *work, Part form) {
    Analogies *all = &work->analogies;
    uint16_t normal[NORMAL];
    int count = 0;
    double total = 0;
    all->lexicon = work->lexicon;
    all->form = form;
    all->count = 0;
    int done = find_analogies(all, 1);
    if (done < 0) return done;
    for (int i = 0; i < all->count; i++) {
        const Analogy *analogy = &all->analogies[i];
        Part rest = {form.letters + analogy->prefix, form.length - analogy->prefix};
        memcpy(normal, form.letters, 2 * (size_t)analogy->prefix);
        Part own = {normal, normalise(work->lexicon, rest, &analogy->reading, normal,
                                      analogy->prefix)};
        met(work->lemmas, &count, MOST, own)->share += analogy->score;
    }
    for (int i = 0; i < count; i++) total += work->lemmas[i].share;
    sort(work->lemmas, count);
    for (int i = 0; i < count; i++) work->lemmas[i].share /= total;
    return count;
}

/* Keep the analogies that may be trusted; gives how many lemmas were found, or ASKED. */
static int keep_analogies(Work *work, Part form, Lemma *found) {
    const Rules *rules = &work->rules;
    int kept = 0, count = rank(work, form);
    if (count < 0) return count;
    if (count > rules->most) count = rules->most;
    for (int i = 0; i < count && work->lemmas[i].share >= rules->share; i++) {
        const Lemma *lemma = &work->lemmas[i];
        int alike = last_of(form) == O ||
                    (lemma->share >= rules->sure && lemma->length >= rules->sure_length);
        int base = alike ? 0 : find_base(work, part_of(lemma));
        if (base < 0) return base;
        if (base != 1) met(found, &kept, FOUND, part_of(lemma));
    }
    return kept;
}

/* Add places that are known in the plural only: «балкан», балканы. */
static int add_places(Work *work, Part form, Lemma *found, int kept) {
    uint16_t letters[LONGEST];
    Part plural = {letters, form.length + 1};
    uint16_t last = last_of(form);
    if (is_among((Part){&last, 1}, &work->rules.vowels) || last == SOFT || last == SHORT_I)
        return kept;
    if (plural.length > LONGEST) return ASKED;
    memcpy(letters, form.letters, 2 * (size_t)form.length);
    for (const uint16_t *ending = (const uint16_t[]){0x44B, 0x438, 0}; *ending; ending++) {
        letters[form.length] = *ending;
        int count = find_readings(work->lexicon, &work->lexicon->words, letters, plural.length,
                         work->readings);
        if (count < 0) return -1;
        for (int i = 0; i < count; i++)
            if (!work->readings[i].place &&
                work->rules.flags[tag_of(work->lexicon, &work->readings[i])] & PLACES)
                met(found, &kept, FOUND, plural);
    }
    return kept;
}

/* Copy a key; ASKED where it is not usual. */
static int take_key(PyObject *text, uint16_t *letters) {
    Py_UCS4 wide[LONGEST];
    Py_ssize_t length = PyUnicode_GetLength(text);
    if (length < 0) return -1;
    if (!length || length >= LONGEST) return ASKED;
    if (!PyUnicode_AsUCS4(text, wide, LONGEST, 0)) return -1;
    for (Py_ssize_t i = 0; i < length; i++) {
        if (wide[i] < A || wide[i] > YA) return ASKED;
        letters[i] = (uint16_t)wide[i];
    }
    return (int)length;
}

/* Add a key unless it is a common word; gives how many were found, or ASKED. */
static int add_key(Work *work, Part form, PyObject *text, Lemma *found, int kept) {
    uint16_t letters[LONGEST];
    Part key = {letters, take_key(text, letters)};
    int base = key.length < 0 ? key.length : find_base(work, key);
    if (base < 0) return base;
    if (base == 1) {
        uint16_t last = last_of(form);
        if (form.length < 2 || form.letters[form.length - 2] != O ||
            (last != SHORT_I && last != YU))
            return kept;
        letters[key.length++] = A;
    }
    return met(found, &kept, FOUND, key) ? kept : ASKED;
}

static int add_keys(Work *work, Part form, Lemma *found, int kept) {
    wchar_t wide[LONGEST];
    for (int i = 0; i < form.length; i++) wide[i] = form.letters[i];
    PyObject *text = PyUnicode_FromWideChar(wide, form.length);
    PyObject *keys = text ? PyObject_CallFunctionObjArgs(work->keys, text, NULL) : NULL;
    Py_ssize_t count = items_of(keys);
    if (count < 0) kept = -1;
    for (Py_ssize_t i = 0; kept >= 0 && i < count; i++)
        kept = add_key(work, form, PyTuple_GetItem(keys, i), found, kept);
    Py_XDECREF(text);
    Py_XDECREF(keys);
    return kept;
}

static int has_vowel(const Work *work, Part form) {
    for (int i = 0; i + 1 < form.length; i++)
        if (is_among((Part){form.letters + i, 1}, &work->rules.vowels)) return 1;
    return 0;
}

/* Write the lemmas of an unknown form, itself the last; or ASKED. */
static int guess(Work *work, Part form) {
    Lemma found[FOUND];
    int kept = 0;
    if (form.length > work->rules.acronym && has_vowel(work, form)) {
        kept = keep_analogies(work, form, found);
        if (kept >= 0) kept = add_places(work, form, found, kept);
    }
    if (kept == 0 || (kept > 0 && !ends_with(part_of(&found[0]), &work->rules.regular)))
        kept = add_keys(work, form, found, kept);
    if (kept < 0) return kept;
    if (!met(found, &kept, FOUND, form)) return ASKED;
    for (int i = 0; i < kept; i++)
        if (write_letters(work, found[i].letters, found[i].length) < 0) return -1;
    return 0;
}

/* ---- all of them -------------------------------------------------------------------------- */

/* Write the lemmas of a word of letters а to я; or ASKED. */
static int read_word(Work *work, Part form) {
    const Rules *rules = &work->rules;
    uint16_t normal[NORMAL], other[NORMAL];
    if (is_among(form, &rules->irregular)) return ASKED;
    int count = find_readings(work->lexicon, &work->lexicon->words, form.letters, form.length,
                     work->readings);
    if (count < 0) return -1;
    if (!count) return guess(work, form);
    Part own = {normal, normalise(work->lexicon, form, &work->readings[0], normal, 0)};
    int alone = form.length > rules->least && !ends_with(form, &rules->surnames);
    for (int i = 1; alone && i < count; i++) {
        int length = normalise(work->lexicon, form, &work->readings[i], other, 0);
        alone = is_same(own, (Part){other, length});
    }
    if (alone) return write_letters(work, own.letters, own.length);
    return weigh(work, form, count);
}

/* Take a form of letters а to я: 1; 0 where it has others, ASKED where Python tells what it is. */
static int take_word(const uint8_t *at, size_t size, uint16_t *letters, int *length) {
    int odd = 0, hyphens = 0, digit = size && *at >= '0' && *at <= '9';
    *length = 0;
    for (size_t i = 0; i < size;) {
        uint16_t letter = at[i];
        if ((letter == 0xD0 || letter == 0xD1) && i + 1 < size && (at[i + 1] & 0xC0) == 0x80)
            letter = (uint16_t)((at[i] & 0x1F) << 6 | (at[i + 1] & 0x3F));
        int cyrillic = letter >= A && letter <= YA;
        hyphens += letter == '-';
        if (!cyrillic) odd |= letter == '-' || letter == '\'' ? 1 : 2;
        else if (*length < LONGEST) letters[*length] = letter;
        *length += cyrillic;
        i += cyrillic ? 2 : 1;
    }
    if (odd & 2) return digit && hyphens ? ASKED : 0;
    return odd || *length > LONGEST ? ASKED : *length > 0;
}

/* Write the lemmas of a line. */
static int read_line(Work *work, const uint8_t *at, size_t size) {
    uint16_t letters[LONGEST];
    size_t filled = work->filled;
    Part form = {letters, 0};
    int kind = take_word(at, size, letters, &form.length);
    if (!kind) return write_bytes(work, (const char *)at, size);
    int done = kind == ASKED ? ASKED : read_word(work, form);
    if (done != ASKED) return done;
    work->filled = filled;
    work->counts[work->lines] = 0;
    return write_asked(work, at, size);
}

static PyObject *read_all(Work *work, const uint8_t *at, Py_ssize_t size) {
    const uint8_t *end = at + size, *stop;
    Py_ssize_t lines = size > 0;
    for (const uint8_t *line = at; (line = memchr(line, '\n', (size_t)(end - line))); line++)
        lines++;
    work->counts = calloc((size_t)lines + 1, sizeof *work->counts);
    work->lemmas = malloc(MOST * sizeof *work->lemmas);
    if (!work->counts || !work->lemmas) return PyErr_NoMemory();
    for (; work->lines < lines; work->lines++, at = stop + 1) {
        stop = memchr(at, '\n', (size_t)(end - at));
        if (!stop) stop = end;
        if (read_line(work, at, (size_t)(stop - at)) < 0) return NULL;
    }
    return Py_BuildValue("y#y#", (char *)work->counts, 4 * lines, work->filled ? work->bytes : "",
                         (Py_ssize_t)(work->filled ? work->filled - 1 : 0));
}

/* ---- rules -------------------------------------------------------------------------------- */

static int refused(void) {
    PyErr_SetString(PyExc_ValueError, "the rules do not fit the dictionary");
    return -1;
}

static int take_words(Words *words, PyObject *tuple) {
    Py_ssize_t count = PyTuple_Size(tuple);
    if (count < 0) return -1;
    if (count > WORDS) return refused();
    for (words->count = 0; words->count < count; words->count++) {
        uint16_t *letters = words->letters[words->count];
        int length = take_key(PyTuple_GetItem(tuple, words->count), letters);
        if (length < 0) return length == ASKED ? refused() : -1;
        words->words[words->count] = (Part){letters, length};
    }
    return 0;
}

/* Take (kinds, flags, names, ends of names, needed, weak, (acronym, long, most, short),
 * (share, sure), surnames, regular, irregular, vowels); all that is read later is checked. */
static int take_rules(Rules *rules, PyObject *tuple, const Lexicon *lexicon) {
    const char *kinds, *flags, *ends, *needed, *weak;
    Py_ssize_t sizes[6];
    PyObject *words[4];
    if (!PyArg_ParseTuple(tuple, "y#y#y#y#y#y#(iiii)(dd)O!O!O!O!", &kinds, &sizes[0], &flags,
                          &sizes[1], &rules->names, &sizes[2], &ends, &sizes[3], &needed,
                          &sizes[4], &weak, &sizes[5], &rules->acronym, &rules->sure_length,
                          &rules->most, &rules->least, &rules->share, &rules->sure, &PyTuple_Type,
                          &words[0], &PyTuple_Type, &words[1], &PyTuple_Type, &words[2],
                          &PyTuple_Type, &words[3]))
        return -1;
    rules->kinds = (const uint8_t *)kinds;
    rules->flags = (const uint8_t *)flags;
    rules->ends = (const int32_t *)(const void *)ends;
    rules->needed = (const double *)(const void *)needed;
    rules->weak = (const uint8_t *)weak;
    if (sizes[0] != lexicon->tags || sizes[1] != lexicon->tags || sizes[3] / 4 != lexicon->tags ||
        sizes[4] / 8 != sizes[5] || rules->most > FOUND / 2)
        return refused();
    for (Py_ssize_t i = 0; i < lexicon->tags; i++)
        if (rules->kinds[i] >= sizes[5] || rules->ends[i] < (i ? rules->ends[i - 1] : 0) ||
            rules->ends[i] > sizes[2])
            return refused();
    Words *into[] = {&rules->surnames, &rules->regular, &rules->irregular, &rules->vowels};
    for (int i = 0; i < 4; i++)
        if (take_words(into[i], words[i]) < 0) return -1;
    return 0;
}

PyObject *lemmatise(PyObject *self, PyObject *arguments) {
    const char *lines;
    Py_ssize_t size;
    PyObject *rules, *keys, *ask, *result = NULL;
    if (!PyArg_ParseTuple(arguments, "y#O!OO", &lines, &size, &PyTuple_Type, &rules, &keys, &ask))
        return NULL;
    Work *work = calloc(1, sizeof *work);
    if (!work) return PyErr_NoMemory();
    work->lexicon = (Lexicon *)self;
    work->keys = keys;
    work->ask = ask;
    if (take_rules(&work->rules, rules, work->lexicon) == 0)
        result = read_all(work, (const uint8_t *)lines, size);
    free(work->bytes);
    free(work->counts);
    free(work->lemmas);
    free(work);
    return result;
}
