/* The second pass, first half: which of a few documents have which of the typed words, how often.
 *
 * In: documents of a segment, and typed words, whose lists were opened before. A list is looked
 * through if it is short, else each document is looked for in it by halving, in a rack on its shelf.
 * No way has branches that hang on what is found: those would be guessed wrong. Of lists only what
 * is read is checked.
 */

#include <stdlib.h>

#include "_summing.h"

#define NONE (-1)
#define SHORT 8 /* a list with fewer postings a document is looked through */

/* A document that a list has. */
typedef struct {
    int32_t row;
    uint32_t posting;
} Hit;

typedef struct {
    const Rescoring *asked;
    Standing *standing;
    uint64_t *marks; /* the documents of one chunk, as bits */
    uint16_t *lows;  /* and in their order */
    Hit *hits;       /* room for one more than a list or the rows have */
    int64_t row, end;
} Finding;

static int32_t rank_in(const List *list, uint32_t low) {
    const uint64_t *bits = (const uint64_t *)list->docs + (low >> 9) * 8;
    uint64_t last = ((uint64_t)1 << (low & 63)) - 1;
    uint32_t own = low >> 6 & 7;
    int32_t before = list->ranks[low >> 9];
    for (uint32_t i = 0; i < 8; i++) {
        uint64_t mask = (uint64_t)0 - (uint64_t)(i < own);
        before += popcount(bits[i] & (mask | (i == own ? last : 0)));
    }
    return before < list->count ? before : list->count - 1;
}

static int32_t find_in_bitmap(const Finding *finding, const List *list) {
    int32_t found = 0, rows = (int32_t)(finding->end - finding->row);
    Hit *hits = finding->hits;
    for (int32_t i = 0; i < rows; i++) {
        hits[found].row = i;
        found += has_bit(list->docs, finding->lows[i]);
    }
    for (int32_t i = 0; i < found; i++)
        hits[i].posting = list->first + (uint32_t)rank_in(list, finding->lows[hits[i].row]);
    return found;
}

/* Find the first of some numbers that is not below another, if it is there; else any. */
static inline int32_t halve(const uint16_t *numbers, int32_t count, uint32_t wanted) {
    const uint16_t *from = numbers;
    while (count > 1) {
        int32_t half = count / 2;
        from += (size_t)half & ((size_t)0 - (size_t)(from[half - 1] < wanted));
        count -= half;
    }
    return (int32_t)(from - numbers);
}

static int32_t find_by_halving(const Finding *finding, const List *list) {
    const uint16_t *docs = list->docs;
    int32_t found = 0, rows = (int32_t)(finding->end - finding->row);
    Hit *hits = finding->hits;
    for (int32_t i = 0; i < rows; i++) {
        int32_t place = halve(docs, list->count, finding->lows[i]);
        hits[found] = (Hit){i, list->first + (uint32_t)place};
        found += docs[place] == finding->lows[i];
    }
    return found;
}

static int32_t find_in_rack(const Finding *finding, const List *list) {
    int32_t found = 0, rows = (int32_t)(finding->end - finding->row);
    Hit *hits = finding->hits;
    for (int32_t i = 0; i < rows; i++) {
        int32_t place = place_in_rack(list->docs, list->count, finding->lows[i]);
        hits[found] = (Hit){i, list->first + (uint32_t)place};
        found += place >= 0;
    }
    return found;
}

static int32_t look_through(const Finding *finding, const List *list) {
    const uint16_t *docs = list->docs;
    int32_t found = 0, rows = (int32_t)(finding->end - finding->row);
    Hit *hits = finding->hits;
    for (int32_t i = 0; i < list->count; i++) {
        hits[found].posting = (uint32_t)i;
        found += has_bit(finding->marks, docs[i]);
    }
    for (int32_t i = 0; i < found; i++) {
        hits[i].row = halve(finding->lows, rows, docs[hits[i].posting]);
        hits[i].posting += list->first;
    }
    return found;
}

static int more_occurrences(Standing *standing, Workspace *space, int32_t count) {
    size_t wanted = (size_t)(standing->count + count) * sizeof(Occurrence);
    if (standing->count + count > INT32_MAX) return NO_MEMORY;
    standing->occurrences = room_in(&space->occurrences, wanted);
    return standing->occurrences ? FINE : NO_MEMORY;
}

/* Chain occurrences of lemmas by document. */
static int chain(const Finding *finding, int64_t first, int32_t found) {
    Standing *standing = finding->standing;
    if (more_occurrences(standing, finding->asked->search->space, found)) return NO_MEMORY;
    for (int32_t i = 0; i < found; i++) {
        int32_t *head = &standing->heads[first + finding->hits[i].row];
        standing->occurrences[standing->count] = (Occurrence){*head, finding->hits[i].posting};
        *head = (int32_t)standing->count++;
    }
    return FINE;
}

static uint32_t *counts_of(const Standing *standing, int stream) {
    return stream == LEMMAS ? standing->lemmas
           : stream == FORM ? standing->form : standing->related;
}

/* Add up how often what a list was found to have stands in the documents. */
static int count_hits(const Finding *finding, const Field *field, const List *list, int64_t word,
                      int32_t found) {
    int64_t first = word * finding->asked->row_count + finding->row;
    uint32_t *counts = counts_of(finding->standing, list->stream) + first;
    const Block block = {.field = field, .rare_end = (uint32_t)field->rares};
    for (int32_t i = 0; i < found; i++) {
        int64_t tf = plain_tf(&block, finding->hits[i].posting);
        if (!tf) return DAMAGED;
        uint32_t *count = &counts[finding->hits[i].row];
        *count += tf < UINT16_MAX ? (uint32_t)tf : UINT16_MAX;
    }
    return list->stream == LEMMAS ? chain(finding, first, found) : FINE;
}

/* Add how often related words stand in the documents that a summed list has. */
static void add_sums(const Finding *finding, const List *list, int64_t word) {
    int32_t found = 0, rows = (int32_t)(finding->end - finding->row);
    uint32_t *counts = finding->standing->related + word * finding->asked->row_count + finding->row;
    const uint8_t *sums = (const uint8_t *)((const uint16_t *)list->docs + list->count);
    const int shift = shelf_shift(list->count);
    Hit *hits = finding->hits;
    for (int32_t i = 0; i < rows; i++) {
        hits[found].row = i;
        found += find_guided(list, shift, finding->lows[i], &hits[found].posting);
    }
    for (int32_t i = 0; i < found; i++) counts[hits[i].row] += sums[hits[i].posting];
}

static int find_in_list(const Finding *finding, const Typed *typed, const List *list, int64_t word) {
    if (list->stream == SUMMED) {
        add_sums(finding, list, word);
        return FINE;
    }
    const Field *field = typed->segments[finding->asked->number].fields[list->stream];
    int32_t found;
    if (list->ranks) found = find_in_bitmap(finding, list);
    else if (list->racked) found = find_in_rack(finding, list);
    else if (list->count < SHORT * (finding->end - finding->row)) found = look_through(finding, list);
    else found = find_by_halving(finding, list);
    return found ? count_hits(finding, field, list, word, found) : FINE;
}

/* Find the words in the documents of one chunk. */
static int find_in_chunk(const Finding *finding) {
    const Rescoring *asked = finding->asked;
    int64_t chunk = asked->rows[finding->row].doc >> 16;
    int64_t rows = finding->end - finding->row;
    for (int64_t word = 0; word < asked->word_count; word++) {
        const Listed *listed = &asked->words[word]->segments[asked->number];
        int64_t count = listed->starts[chunk + 1] - listed->starts[chunk];
        if (late(&asked->search->clock, count * rows * SHORT)) return LATE;
        for (int64_t i = listed->starts[chunk]; i < listed->starts[chunk + 1]; i++) {
            int status = find_in_list(finding, asked->words[word], &listed->lists[i], word);
            if (status) return status;
        }
    }
    return FINE;
}

/* Count lemmas among what begins alike, too. */
static void add_lemmas(const Rescoring *asked, Standing *standing) {
    for (int64_t i = 0; i < asked->word_count * asked->row_count; i++)
        standing->related[i] += standing->lemmas[i];
}

/* Mark the documents of one chunk, from a row on, and find where its rows end. */
static void mark(Finding *finding) {
    const Rescoring *asked = finding->asked;
    int32_t chunk = asked->rows[finding->row].doc >> 16;
    int64_t end = finding->row;
    for (; end < asked->row_count && asked->rows[end].doc >> 16 == chunk; end++) {
        uint32_t low = (uint32_t)asked->rows[end].doc & 0xFFFF;
        finding->lows[end - finding->row] = (uint16_t)low;
        set_bit(finding->marks, low);
    }
    finding->end = end;
}

static void wipe(const Finding *finding) {
    for (int64_t i = 0; i < finding->end - finding->row; i++)
        finding->marks[finding->lows[i] >> 6] = 0;
}

int find_words(const Rescoring *asked, Standing *standing) {
    Workspace *space = asked->search->space;
    size_t rows = (size_t)asked->row_count;
    size_t hits = (rows > SPARSE ? rows : SPARSE) + 1;
    Hit *room = room_in(&space->found, hits * sizeof(Hit) + rows * sizeof(uint16_t));
    if (!space->marks) space->marks = calloc(WORDS, sizeof(uint64_t));
    if (!room || !space->marks) return NO_MEMORY;
    Finding finding = {asked, standing, space->marks, (uint16_t *)(room + hits), room, 0, 0};
    int status = FINE;
    for (; !status && finding.row < asked->row_count; finding.row = finding.end) {
        mark(&finding);
        status = find_in_chunk(&finding);
        wipe(&finding);
    }
    if (!status) add_lemmas(asked, standing);
    return status;
}
