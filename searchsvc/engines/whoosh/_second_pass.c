/* The second pass: where the typed words stand in a few documents, and what that is worth.
 *
 * In: documents with scores, and words as terms of fields. Postings are found term by term and
 * chained by document; their positions are only unpacked where they count. Nothing is remembered,
 * so a term's list is not checked as a whole: what is read of it is.
 */

#include "_second_pass.h"

#include <stdlib.h>
#include <string.h>

#define NONE (-1)
#define SHORT 16 /* an array of fewer postings a document is read through: 9 ns a search in it */

/* A posting of a term, and the next one of the same word, stream and document. */
typedef struct {
    int32_t next, block;
    uint32_t posting;
} Occurrence;

typedef struct {
    void *items;
    int64_t count, room;
} Grown;

/* The positions of a word in a document, and a walk through them. */
typedef struct {
    int64_t from, count, at;
    float weight;
} Stand;

typedef struct {
    const Rescoring *asked;
    Grown blocks, occurrences;
    uint64_t *marks; /* the documents of one chunk, as bits */
    int64_t marked, marked_end; /* and their rows */
    int32_t *heads; /* first occurrence of each document, stream after stream, word after word */
    Stand *stands;  /* of the words that count in windows */
} Finding;

/* Give room for one more item, or NULL. */
static void *one_more(Grown *grown, size_t size) {
    if (grown->count == INT32_MAX) return NULL;
    if (grown->count == grown->room) {
        int64_t room = 2 * grown->room + 256;
        void *items = realloc(grown->items, (size_t)room * size);
        if (!items) return NULL;
        grown->items = items;
        grown->room = room;
    }
    return (char *)grown->items + (size_t)grown->count++ * size;
}

/* ---- postings ------------------------------------------------------------------------------- */

static int add_occurrence(Finding *finding, Block *block, uint32_t low, int32_t *head) {
    const Field *field = block->field;
    uint32_t posting = block->first + (uint32_t)place_of(block, low);
    Occurrence *made = one_more(&finding->occurrences, sizeof *made);
    if (!made) return NO_MEMORY;
    *made = (Occurrence){*head, (int32_t)finding->blocks.count - 1, posting};
    *head = (int32_t)finding->occurrences.count - 1;
    __builtin_prefetch(&field->freqs[posting / FRAME * (FRAME / 2)]);
    __builtin_prefetch(&field->frames[posting / FRAME]);
    __builtin_prefetch(&field->widths[posting / FRAME]);
    return FINE;
}

static inline uint32_t low_of(const Finding *finding, int64_t row) {
    return (uint32_t)finding->asked->rows[row].doc & 0xFFFF;
}

/* Mark the documents of some rows, and of no others. */
static void mark(Finding *finding, int64_t row, int64_t end) {
    if (finding->marked == row && finding->marked_end == end) return;
    for (int64_t i = finding->marked; i < finding->marked_end; i++)
        finding->marks[low_of(finding, i) >> 6] = 0;
    for (int64_t i = row; i < end; i++) set_bit(finding->marks, low_of(finding, i));
    finding->marked = row;
    finding->marked_end = end;
}

/* Find the marked documents in a short array: from it to the rows. */
static int find_marked(Finding *finding, Block *block, int64_t row, int64_t end, int32_t *heads) {
    int status = FINE;
    mark(finding, row, end);
    for (block->at = 0; block->at < block->count && !status; block->at++) {
        uint32_t low = block->lows[block->at];
        if (!has_bit(finding->marks, low)) continue;
        while (row < end && low_of(finding, row) < low) row++;
        if (row < end && low_of(finding, row) == low)
            status = add_occurrence(finding, block, low, &heads[row]);
    }
    return status;
}

/* Find a block's postings of the documents from one on that lie in its chunk. */
static int find_in_block(Finding *finding, Block *block, int64_t *row, int32_t *heads) {
    const Rescoring *asked = finding->asked;
    Block *kept = one_more(&finding->blocks, sizeof *kept);
    int64_t first = *row, end = first;
    int status = FINE;
    if (!kept) return NO_MEMORY;
    *kept = *block;
    while (end < asked->row_count && (uint32_t)asked->rows[end].doc >> 16 == block->chunk) end++;
    *row = end;
    if (block->lows && block->count < SHORT * (end - first))
        return find_marked(finding, block, first, end, heads);
    for (int64_t i = first; i < end && !status; i++)
        if (has(block, low_of(finding, i)))
            status = add_occurrence(finding, block, low_of(finding, i), &heads[i]);
    return status;
}

static int find_term(Finding *finding, const Field *field, int64_t number, int32_t *heads) {
    const Rescoring *asked = finding->asked;
    int64_t at, last, row = 0;
    Block block;
    int status = blocks_of(field, number, &at, &last);
    while (!status && at < last && row < asked->row_count) {
        uint32_t chunk = chunk_of(field, at), wanted = (uint32_t)asked->rows[row].doc >> 16;
        if (late(&asked->search->clock, 1)) return LATE;
        if (chunk > wanted) row++;
        else if (chunk < wanted) at++;
        else {
            status = open_block(field, at++, &block);
            if (!status) status = find_in_block(finding, &block, &row, heads);
        }
    }
    return status;
}

static int find_part(Finding *finding, const Part *part, int32_t *heads) {
    int status = FINE;
    for (int64_t i = part->low; i < part->high && !status; i++)
        status = find_term(finding, part->field, part->numbers ? part->numbers[i] : i, heads);
    if (late(&finding->asked->search->clock, finding->asked->row_count)) return LATE;
    return status;
}

static int32_t *heads_of(const Finding *finding, int64_t word, int stream) {
    return finding->heads + (word * STREAMS + stream) * finding->asked->row_count;
}

static int find_all(Finding *finding) {
    const Rescoring *asked = finding->asked;
    int status = FINE;
    for (int64_t word = 0; word < asked->word_count; word++)
        for (int stream = 0; stream < STREAMS && !status; stream++)
            status = find_part(finding, &asked->words[word].streams[stream][asked->number],
                               heads_of(finding, word, stream));
    return status;
}

/* ---- positions and frequencies -------------------------------------------------------------- */

/* Unpack the positions of a chain, from a place in the room on, each once. */
static int unpack_chain(Finding *finding, int32_t head, int64_t from, int64_t *count) {
    const Block *blocks = finding->blocks.items;
    const Occurrence *occurrences = finding->occurrences.items;
    Search *search = finding->asked->search;
    int64_t used = from;
    Place place;
    *count = 0;
    if (head == NONE) return FINE;
    for (int32_t at = head; at != NONE; at = occurrences[at].next) {
        const Block *block = &blocks[occurrences[at].block];
        if (locate(block, occurrences[at].posting, &place)) return DAMAGED;
        if (late(&search->clock, place.count + 1)) return LATE;
        if (room_for_positions(search->space, used + place.count)) return NO_MEMORY;
        uint32_t some = place.count;
        unpack(block->field, &place, some, search->space->positions + used);
        used += some;
    }
    *count = used - from;
    if (occurrences[head].next != NONE)
        *count = distinct(search->space->positions + from, *count);
    return FINE;
}

/* Count the positions of a chain, without unpacking those of a single list. */
static int count_chain(Finding *finding, int32_t head, int64_t from, int64_t *count) {
    const Occurrence *occurrences = finding->occurrences.items;
    const Block *blocks = finding->blocks.items;
    *count = 0;
    if (head == NONE) return FINE;
    if (occurrences[head].next != NONE) return unpack_chain(finding, head, from, count);
    *count = plain_tf(&blocks[occurrences[head].block], occurrences[head].posting);
    return *count ? FINE : DAMAGED;
}

static int64_t count_between(const uint32_t *at, int64_t count, int64_t low, int64_t high) {
    int64_t found = 0;
    for (int64_t i = 0; i < count; i++) found += at[i] >= low && at[i] < high;
    return found;
}

/* ---- what a document gains ------------------------------------------------------------------ */

static float worth(const Rescoring *asked, int32_t doc, int64_t tf) {
    const Segment *segment = asked->segment;
    return segment->table[(tf > LARGEST ? LARGEST : tf) << 8 | segment->lengths[doc]];
}

static int64_t body_start(const Rescoring *asked, int32_t doc) {
    const Segment *segment = asked->segment;
    int64_t tokens = segment->title_tokens[doc];
    return tokens > 0 && !segment->title_made[doc] ? tokens + asked->gap : 0;
}

/* Give the most that the words of one window weigh together; each begins with some word. */
static float closest(const uint32_t *positions, Stand *stands, int64_t count, int64_t window) {
    float most = 0, all = 0;
    for (int64_t i = 0; i < count; i++) all += stands[i].count ? stands[i].weight : 0;
    for (int64_t i = 0; i < count && most < all; i++) {
        for (int64_t j = 0; j < count; j++) stands[j].at = 0;
        for (int64_t k = 0; k < stands[i].count && most < all; k++) {
            uint64_t start = positions[stands[i].from + k], end = start + (uint64_t)window;
            float sum = 0;
            for (int64_t j = 0; j < count; j++) {
                Stand *stand = &stands[j];
                const uint32_t *at = positions + stand->from;
                while (stand->at < stand->count && at[stand->at] < start) stand->at++;
                if (stand->at < stand->count && at[stand->at] < end) sum += stand->weight;
            }
            if (sum > most) most = sum;
        }
    }
    return most;
}

/* Add what one word gives a document; its positions stay if it counts in windows. */
static int add_word(Finding *finding, int64_t word, int64_t row, Stand *stand, float *gain) {
    const Rescoring *asked = finding->asked;
    const Typed *typed = &asked->words[word];
    int32_t doc = asked->rows[row].doc;
    int64_t form, related, start = body_start(asked, doc), from = stand->from;
    int status = unpack_chain(finding, heads_of(finding, word, LEMMAS)[row], from, &stand->count);
    if (!status)
        status = count_chain(finding, heads_of(finding, word, FORM)[row], from + stand->count, &form);
    if (!status)
        status = count_chain(finding, heads_of(finding, word, RELATED)[row], from + stand->count,
                             &related);
    if (status) return status;
    int64_t lead = count_between(asked->search->space->positions + from, stand->count, start,
                                 start + asked->lead);
    *gain += typed->form * worth(asked, doc, form);
    *gain += typed->related * worth(asked, doc, related);
    *gain += typed->lead * worth(asked, doc, lead);
    return FINE;
}

static int rescore_row(Finding *finding, int64_t row) {
    const Rescoring *asked = finding->asked;
    Stand *stands = finding->stands;
    int64_t count = 0, used = 0;
    float gain = 0;
    for (int64_t word = 0; word < asked->word_count; word++) {
        stands[count] = (Stand){used, 0, 0, asked->words[word].close};
        int status = add_word(finding, word, row, &stands[count], &gain);
        if (status) return status;
        if (!(asked->words[word].close > 0)) continue;
        used += stands[count++].count;
    }
    if (late(&asked->search->clock, used * (count + 1))) return LATE;
    gain += asked->close * closest(asked->search->space->positions, stands, count, asked->window);
    asked->rows[row].score += gain;
    return FINE;
}

int rescore(const Rescoring *asked) {
    size_t heads = (size_t)(asked->word_count * STREAMS * asked->row_count);
    Finding finding = {asked, {0}, {0}, calloc(WORDS, sizeof(uint64_t)), 0, 0,
                       malloc((heads + 1) * sizeof(int32_t)),
                       malloc((size_t)(asked->word_count + 1) * sizeof(Stand))};
    int status = finding.marks && finding.heads && finding.stands ? FINE : NO_MEMORY;
    if (!status) {
        memset(finding.heads, 0xFF, heads * sizeof(int32_t));
        status = room_for_positions(asked->search->space, 1);
    }
    if (!status) status = find_all(&finding);
    for (int64_t row = 0; row < asked->row_count && !status; row++)
        status = rescore_row(&finding, row);
    free(finding.marks);
    free(finding.heads);
    free(finding.stands);
    free(finding.blocks.items);
    free(finding.occurrences.items);
    return status;
}
