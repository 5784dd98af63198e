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
#define STEP 8   /* postings between the first two looks beside a guess */
#define SHORT 16 /* an array of fewer postings a document is read through: 9 ns a search in it */

/* A posting of a term, and the next one of the same word, stream and document. */
typedef struct {
    int32_t next, block;
    uint32_t posting;
} Occurrence;

/* A term's block, and the rows of the documents that lie in its chunk. */
typedef struct {
    int64_t row, end;
    int32_t *heads;
} Asked;

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
    Grown blocks, lists, occurrences; /* lists: what is asked of each block */
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
    int64_t number = block - (Block *)finding->blocks.items;
    uint32_t posting = block->first + (uint32_t)place_of(block, low);
    Occurrence *made = one_more(&finding->occurrences, sizeof *made);
    if (!made) return NO_MEMORY;
    *made = (Occurrence){*head, (int32_t)number, posting};
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

/* Guess where an array has a document: most are spread evenly. */
static inline int32_t guess(const Block *block, uint32_t low) {
    return (int32_t)((int64_t)low * block->count >> 16);
}

/* Find a document in an array from a guess on: doubling steps to either side, then halving. */
static int find_low(Block *block, uint32_t low) {
    const uint16_t *lows = block->lows;
    int32_t under = guess(block, low), over = under, step = STEP;
    if (lows[under] < low) {
        for (; under + step < block->count && lows[under + step] < low; step *= 2) under += step;
        over = under + step < block->count ? under + step : block->count;
    } else {
        for (; over >= step && lows[over - step] >= low; step *= 2) over -= step;
        under = over >= step ? over - step : -1;
    }
    while (under + 1 < over) {
        int32_t middle = (under + over) / 2;
        if (lows[middle] < low) under = middle;
        else over = middle;
    }
    block->at = over;
    return over < block->count && lows[over] == low;
}

/* Ask for what will be looked at, while other lists are opened: most of it is not at hand. */
static void prefetch(const Finding *finding, const Block *block, const Asked *list) {
    for (int64_t i = list->row; i < list->end; i++) {
        uint32_t low = low_of(finding, i);
        if (block->lows) __builtin_prefetch(&block->lows[guess(block, low)]);
        else __builtin_prefetch(&block->bits[low >> 6]);
    }
}

/* Note a block, and which rows lie in its chunk, from one on. */
static int add_list(Finding *finding, const Block *block, int64_t *row, int32_t *heads) {
    const Rescoring *asked = finding->asked;
    Block *kept = one_more(&finding->blocks, sizeof *kept);
    Asked *list = one_more(&finding->lists, sizeof *list);
    if (!kept || !list) return NO_MEMORY;
    *kept = *block;
    list->row = *row;
    list->heads = heads;
    while (*row < asked->row_count && (uint32_t)asked->rows[*row].doc >> 16 == block->chunk) ++*row;
    list->end = *row;
    prefetch(finding, kept, list);
    return FINE;
}

static int find_in_list(Finding *finding, Block *block, const Asked *list) {
    int status = FINE;
    if (block->lows && block->count < SHORT * (list->end - list->row))
        return find_marked(finding, block, list->row, list->end, list->heads);
    for (int64_t i = list->row; i < list->end && !status; i++) {
        uint32_t low = low_of(finding, i);
        if (block->lows ? find_low(block, low) : has_bit(block->bits, low))
            status = add_occurrence(finding, block, low, &list->heads[i]);
    }
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
            if (!status && !block.count) row++;
            else if (!status) status = add_list(finding, &block, &row, heads);
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
    for (int64_t i = 0; i < finding->lists.count && !status; i++)
        status = find_in_list(finding, (Block *)finding->blocks.items + i,
                              (Asked *)finding->lists.items + i);
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
    Finding finding = {asked, {0}, {0}, {0}, calloc(WORDS, sizeof(uint64_t)), 0, 0,
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
    free(finding.lists.items);
    free(finding.occurrences.items);
    return status;
}
