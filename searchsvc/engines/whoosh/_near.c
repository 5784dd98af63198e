/* The strings of a sorted, front-coded list within one or two edits of another.
 *
 * A row of the edit distance's table belongs to each letter of a string; what a string has in common
 * with the one before it keeps its rows. A row with nothing near enough rules out all strings that
 * begin with its letters: they follow one another, so whole groups are passed over. Distances are
 * those of optimal string alignment (Boytsov 2011), counted in letters, see letters.py.
 * Every offset is checked before it is followed; lists out of order lose strings only.
 */

#define Py_LIMITED_API 0x030b0000
#define PY_SSIZE_T_CLEAN
#include "_lexicon.h"

#include <stdlib.h>
#include <string.h>

#define LESS 0x80
#define MORE 0xff
#define LETTER 5 /* bytes that a letter takes at most */
#define MOST_BYTES 4096
#define MOST_EDITS 8
#define EVERY (~(uint64_t)0)

typedef struct {
    uint8_t *rows;     /* rows[d * width + j]: edits from the first d letters to the first j wanted */
    uint32_t *wanted;  /* the letters looked for */
    uint32_t *letters; /* of the string at hand, from 1 */
    int32_t *ends;     /* where each of its letters ends, in bytes; ends[0] is 0 */
    uint64_t *next;    /* by depth: which letters may follow, told by their last six bits */
    uint8_t *bytes;    /* its first bytes, as far as its letters were looked at */
    int width, length, edits, deepest;
    int depth;         /* letters that have a row */
    int known;         /* bytes that are there */
    int dead;          /* the last row has nothing near enough */
} Table;

typedef struct {
    int32_t *numbers;
    uint8_t *distances;
    Py_ssize_t count, room;
} Near;

/* Read one letter; the bytes of a letter that is cut off are a letter. */
static int letter_at(const uint8_t *bytes, int left, uint32_t *letter) {
    int size = 1;
    *letter = bytes[0];
    if ((bytes[0] != LESS && bytes[0] != MORE) || left < 2) return 1;
    size = bytes[1] >= 0xf0 ? 5 : bytes[1] >= 0xe0 ? 4 : bytes[1] >= 0xc0 ? 3 : 2;
    if (size > left) size = left;
    *letter = 0;
    for (int place = 1; place < size; place++) *letter = *letter << 8 | bytes[place];
    return size;
}

static int least(int one, int two) { return one < two ? one : two; }

static uint64_t bit_of(uint32_t letter) { return (uint64_t)1 << (letter & 63); }

/* Fill the row of the letter at a depth; only what may still be near enough. */
static void fill_row(Table *table) {
    const uint32_t *wanted = table->wanted;
    int depth = table->depth;
    const uint8_t *above = table->rows + (depth - 1) * table->width;
    uint8_t *row = table->rows + depth * table->width, best = (uint8_t)(table->edits + 1);
    uint32_t letter = table->letters[depth];
    int low = depth - table->edits, high = least(depth + table->edits, table->length);
    uint64_t next = 0;
    table->dead = 1;
    if (low < 0) low = 0;
    if (low > 0 && low <= table->length + 1) row[low - 1] = best;
    for (int j = low; j <= high; j++) {
        int edits = j == 0 ? depth : above[j] + 1;
        if (j > 0) {
            edits = least(edits, least(row[j - 1] + 1, above[j - 1] + (letter != wanted[j])));
            if (depth > 1 && j > 1 && letter == wanted[j - 1] && table->letters[depth - 1] == wanted[j])
                edits = least(edits, table->rows[(depth - 2) * table->width + j - 2] + 1);
        }
        if (edits > table->edits) edits = best;
        else table->dead = 0;
        row[j] = (uint8_t)edits;
        if (edits < table->edits) next = EVERY;
        if (j == table->length) continue;
        if (edits == table->edits) next |= bit_of(wanted[j + 1]);
        if (j > 0 && above[j - 1] < table->edits && letter == wanted[j + 1]) next |= bit_of(wanted[j]);
    }
    if (high < table->length) row[high + 1] = best;
    table->next[depth] = next;
}

/* Keep the rows of the first bytes, as many as are the same in the next string. */
static void keep(Table *table, uint32_t same) {
    if (same < (uint32_t)table->known) table->known = (int)same;
    while (table->ends[table->depth] > table->known) table->depth--, table->dead = 0;
}

/* Read the letter that begins or goes on with the next bytes; give what is after it. */
static const uint8_t *read_letter(Table *table, const uint8_t *rest, const uint8_t *end) {
    int place = table->ends[table->depth], depth = ++table->depth, size = 1;
    if (place == table->known && *rest != LESS && *rest != MORE) {
        table->bytes[place] = *rest;
        table->letters[depth] = *rest++;
    } else {
        while (table->known < place + LETTER && rest < end) table->bytes[table->known++] = *rest++;
        size = letter_at(table->bytes + place, table->known - place, &table->letters[depth]);
        rest -= table->known - (place + size);
    }
    table->known = table->ends[depth] = place + size;
    return rest;
}

/* Look at the letters of a string, whose first bytes are known and whose others are given.
 *
 * Where all edits are used up, a letter that is not the next one wanted needs no row to be ruled out.
 */
static void take(Table *table, const uint8_t *rest, const uint8_t *end) {
    while (!table->dead && (rest < end || table->ends[table->depth] < table->known)) {
        rest = read_letter(table, rest, end);
        if (table->next[table->depth - 1] & bit_of(table->letters[table->depth])) fill_row(table);
        else table->dead = 1;
    }
}

/* Note a string that was looked at to its end, if it is near enough; -1: no memory. */
static int add(Near *near, Py_ssize_t number, const Table *table) {
    int distance = table->rows[table->depth * table->width + table->length];
    if (table->depth + table->edits < table->length || distance > table->edits) return 0;
    if (near->count == near->room) {
        Py_ssize_t room = near->room ? 2 * near->room : 256;
        int32_t *numbers = realloc(near->numbers, (size_t)room * sizeof *numbers);
        if (numbers) near->numbers = numbers;
        uint8_t *distances = numbers ? realloc(near->distances, (size_t)room) : NULL;
        if (!distances) return -1;
        near->distances = distances;
        near->room = room;
    }
    near->numbers[near->count] = (int32_t)number;
    near->distances[near->count++] = (uint8_t)distance;
    return 0;
}

/* Pass over the strings of a group that begin with what was ruled out; move the place of the next. */
static Py_ssize_t pass_over(
    const Lexicon *lexicon, Py_ssize_t number, Py_ssize_t last, uint32_t known, size_t *place) {
    if (lexicon->shared_width == 1 && lexicon->size_width == 1) {
        const uint8_t *shared = lexicon->shared, *sizes = lexicon->sizes;
        for (; number < last && shared[number] >= known; number++) *place += sizes[number];
        return number;
    }
    for (; number < last; number++) {
        if (number_at(lexicon->shared, lexicon->shared_width, number) < known) return number;
        *place += number_at(lexicon->sizes, lexicon->size_width, number);
    }
    return number;
}

/* Count the first bytes of a group's first string that are those of the string before it. */
static uint32_t in_common(const Table *table, const uint8_t *bytes, size_t size) {
    uint32_t same = 0;
    while (same < size && same < (uint32_t)table->known && bytes[same] == table->bytes[same]) same++;
    return same;
}

/* Look at the strings of a group; -1: no memory, -2: it is damaged. */
static int look_through(const Lexicon *lexicon, Py_ssize_t group, Table *table, Near *near) {
    Py_ssize_t first = group * GROUP, last = first + GROUP;
    size_t place = lexicon->offsets[group], end = lexicon->offsets[group + 1];
    if (last > lexicon->count) last = lexicon->count;
    if (end > (size_t)lexicon->bytes) return -2;
    for (Py_ssize_t number = first; number < last; number++) {
        uint32_t same = number_at(lexicon->shared, lexicon->shared_width, number), more = 0;
        size_t size = number_at(lexicon->sizes, lexicon->size_width, number);
        if (place + size > end) return -2;
        const uint8_t *rest = lexicon->terms + place;
        place += size;
        if (number == first) same = more = in_common(table, rest, size);
        if (!table->dead || same < (uint32_t)table->known) {
            keep(table, same);
            take(table, rest + more, rest + size);
            if (!table->dead && add(near, number, table)) return -1;
        }
        if (table->dead) number = pass_over(lexicon, number + 1, last, (uint32_t)table->known, &place) - 1;
    }
    return 0;
}

/* Tell whether a group's first string begins with what was ruled out. */
static int is_ruled_out(const Lexicon *lexicon, Py_ssize_t group, const Table *table) {
    size_t start = lexicon->offsets[group];
    size_t size = number_at(lexicon->sizes, lexicon->size_width, group * GROUP);
    size_t known = (size_t)table->known;
    const uint8_t *head = lexicon->terms + start;
    if (start + size > (size_t)lexicon->bytes || size < known) return 0;
    return head[known - 1] == table->bytes[known - 1] && !memcmp(head, table->bytes, known);
}

/* Give the group to look at next: the last that begins with what was ruled out, or the one after. */
static Py_ssize_t next_group(const Lexicon *lexicon, Py_ssize_t group, const Table *table) {
    Py_ssize_t step = 1, low = group;
    if (!table->dead) return group + 1;
    while (low + step < lexicon->groups && is_ruled_out(lexicon, low + step, table)) {
        low += step;
        step *= 2;
    }
    for (; step; step /= 2)
        if (low + step < lexicon->groups && is_ruled_out(lexicon, low + step, table)) low += step;
    return low > group ? low : group + 1;
}

static int search(const Lexicon *lexicon, Table *table, Near *near) {
    for (Py_ssize_t group = 0; group < lexicon->groups; group = next_group(lexicon, group, table)) {
        int failed = look_through(lexicon, group, table, near);
        if (failed) return failed;
    }
    return 0;
}

static void free_table(Table *table) {
    free(table->rows);
    free(table->wanted);
    free(table->letters);
    free(table->ends);
    free(table->next);
    free(table->bytes);
}

/* Make room for a string's rows, as deep as one within the edits can be; -1: no memory. */
static int lay_out(Table *table, const uint8_t *key, Py_ssize_t size, int edits) {
    *table = (Table){.edits = edits};
    table->wanted = malloc(((size_t)size + 1) * sizeof *table->wanted);
    if (!table->wanted) return -1;
    for (Py_ssize_t place = 0; place < size;)
        place += letter_at(key + place, (int)(size - place), &table->wanted[++table->length]);
    table->width = table->length + 2;
    table->deepest = table->length + edits + 1;
    table->rows = malloc((size_t)(table->deepest + 1) * (size_t)table->width);
    table->letters = malloc(((size_t)table->deepest + 1) * sizeof *table->letters);
    table->ends = calloc((size_t)table->deepest + 1, sizeof *table->ends);
    table->next = malloc(((size_t)table->deepest + 1) * sizeof *table->next);
    table->bytes = malloc((size_t)table->deepest * LETTER);
    if (!table->rows || !table->letters || !table->ends || !table->next || !table->bytes) return -1;
    for (int j = 0; j <= table->length; j++) table->rows[j] = (uint8_t)least(j, edits + 1);
    table->next[0] = edits ? EVERY : table->length ? bit_of(table->wanted[1]) : 0;
    return 0;
}

static PyObject *found_near(const Lexicon *lexicon, const char *key, Py_ssize_t size, int edits) {
    Table table;
    Near near = {0};
    PyObject *answer = NULL;
    int failed;
    Py_BEGIN_ALLOW_THREADS
    failed = lay_out(&table, (const uint8_t *)key, size, edits);
    if (!failed) failed = search(lexicon, &table, &near);
    free_table(&table);
    Py_END_ALLOW_THREADS
    if (failed == -1) PyErr_NoMemory();
    else if (failed) PyErr_SetString(PyExc_ValueError, "a lexicon is damaged");
    else answer = Py_BuildValue("y#y#", near.count ? (char *)near.numbers : "", 4 * near.count,
                                near.count ? (char *)near.distances : "", near.count);
    free(near.numbers);
    free(near.distances);
    return answer;
}

PyObject *near_keys(PyObject *module, PyObject *args) {
    PyObject *parts[PARTS], *answer = NULL;
    Lexicon lexicon;
    HeldLexicon held;
    const char *key;
    Py_ssize_t size;
    int edits;
    (void)module;
    if (!PyArg_ParseTuple(
            args, "(OOOO)y#i", &parts[0], &parts[1], &parts[2], &parts[3], &key, &size, &edits))
        return NULL;
    if (size > MOST_BYTES || edits < 0 || edits > MOST_EDITS) {
        PyErr_SetString(PyExc_ValueError, "too long a string, or too many edits");
        return NULL;
    }
    if (!hold_lexicon(&held, parts, &lexicon)) answer = found_near(&lexicon, key, size, edits);
    let_go_of_lexicon(&held);
    return answer;
}
