/* The second pass, second half: what the words are worth in each document.
 *
 * In: documents with scores, and how often the words stand in them. Frequencies are cheap, so that
 * all documents gain by them first. Positions are read only where a document can still be among
 * those that are shown, the most promising first.
 */

#include "_second_pass.h"

#include <string.h>

#define NONE (-1)
#define SLACK (1 + 1e-5) /* a bound may be this much too low, by rounding */

/* The positions of a word in a document, and a walk through them. */
typedef struct {
    int64_t from, count, at;
    float weight;
} Stand;

typedef struct {
    Rescoring *asked;
    Standing standing;
    float *gains;   /* of each row, by frequencies */
    double *bounds; /* and the most that its total can be */
    int32_t *order; /* rows, those of the highest bounds first */
    Stand *stands;  /* of the words that count in windows */
} Gaining;

/* ---- positions ------------------------------------------------------------------------------ */

/* Unpack the positions of a word in a document, from a place in the room on, each once. */
static int unpack_chain(const Gaining *gaining, int64_t word, int64_t row, int64_t from,
                        int64_t *count) {
    const Rescoring *asked = gaining->asked;
    const Occurrence *occurrences = gaining->standing.occurrences;
    const Field *field = asked->words[word]->segments[asked->number].fields[LEMMAS];
    const Block block = {.field = field, .rare_end = (uint32_t)field->rares};
    Search *search = asked->search;
    int32_t head = gaining->standing.heads[word * asked->row_count + row];
    int64_t used = from;
    Place place;
    for (int32_t at = head; at != NONE; at = occurrences[at].next) {
        if (locate(&block, occurrences[at].posting, &place)) return DAMAGED;
        if (late(&search->clock, place.count + 1)) return LATE;
        if (room_for_positions(search->space, used + place.count)) return NO_MEMORY;
        uint32_t some = place.count;
        unpack(field, &place, some, search->space->positions + used);
        used += some;
    }
    *count = used - from;
    if (head != NONE && occurrences[head].next != NONE)
        *count = distinct(search->space->positions + from, *count);
    return FINE;
}

static int64_t count_between(const uint32_t *at, int64_t count, int64_t low, int64_t high) {
    int64_t found = 0;
    for (int64_t i = 0; i < count; i++) found += at[i] >= low && at[i] < high;
    return found;
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

/* ---- what a document gains ------------------------------------------------------------------ */

static inline float worth(const Segment *segment, int32_t doc, int64_t tf) {
    return segment->table[(tf > LARGEST ? LARGEST : tf) << 8 | segment->lengths[doc]];
}

static int64_t body_start(const Rescoring *asked, int32_t doc) {
    const Segment *segment = asked->segment;
    int64_t tokens = segment->title_tokens[doc];
    return tokens > 0 && !segment->title_made[doc] ? tokens + asked->gap : 0;
}

/* Give the most that a word can be worth in the lead. */
static float most_in_lead(const Gaining *gaining, int64_t word, int64_t row) {
    const Rescoring *asked = gaining->asked;
    int64_t tf = gaining->standing.lemmas[word * asked->row_count + row];
    return asked->words[word]->lead *
           worth(asked->segment, asked->rows[row].doc, tf < asked->lead ? tf : asked->lead);
}

/* Add what forms and related words give a document, and bound what positions can. */
static void gain_by_counts(const Gaining *gaining, int64_t row) {
    const Rescoring *asked = gaining->asked;
    const Segment *segment = asked->segment;
    const Standing *standing = &gaining->standing;
    int32_t doc = asked->rows[row].doc;
    float gain = 0, lead = 0, close = 0;
    for (int64_t word = 0; word < asked->word_count; word++) {
        const Typed *typed = asked->words[word];
        int64_t at = word * asked->row_count + row;
        gain += typed->form * worth(segment, doc, standing->form[at]);
        gain += typed->related * worth(segment, doc, standing->related[at]);
        lead += most_in_lead(gaining, word, row);
        close += standing->lemmas[at] ? typed->close : 0;
    }
    double most = (double)gain + (double)lead + (double)asked->close * (double)close;
    gaining->gains[row] = gain;
    gaining->bounds[row] = ((double)asked->rows[row].score + most) * SLACK + asked->rows[row].fresh;
}

/* Tell whether a document cannot be among those that are shown. */
static int hopeless(const Rescoring *asked, double bound) {
    return asked->best && asked->best_count == asked->shown && bound < asked->best[asked->shown - 1];
}

/* Add what the words in the lead and in the best window give a document, unless it is hopeless. */
static int gain_by_places(const Gaining *gaining, int64_t row, float *gain) {
    const Rescoring *asked = gaining->asked;
    Stand *stands = gaining->stands;
    int32_t doc = asked->rows[row].doc;
    int64_t count = 0, used = 0, start = body_start(asked, doc);
    double bound = gaining->bounds[row];
    for (int64_t word = 0; word < asked->word_count; word++) {
        const Typed *typed = asked->words[word];
        Stand *stand = &stands[count];
        *stand = (Stand){used, 0, 0, typed->close};
        int status = unpack_chain(gaining, word, row, used, &stand->count);
        if (status) return status;
        const uint32_t *positions = asked->search->space->positions + used;
        int64_t lead = count_between(positions, stand->count, start, start + asked->lead);
        float worth_there = typed->lead * worth(asked->segment, doc, lead);
        *gain += worth_there;
        bound -= (double)most_in_lead(gaining, word, row) - (double)worth_there;
        if (hopeless(asked, bound)) return FINE;
        if (!(typed->close > 0)) continue;
        used += stand->count;
        count++;
    }
    if (late(&asked->search->clock, used * (count + 1))) return LATE;
    *gain += asked->close * closest(asked->search->space->positions, stands, count, asked->window);
    return FINE;
}

/* ---- which documents are worth it ----------------------------------------------------------- */

/* Put a total among the best so far. */
static void note_total(Rescoring *asked, double total) {
    int64_t at = asked->best_count;
    if (!asked->best) return;
    if (at < asked->shown) asked->best_count++;
    else if (total <= asked->best[--at]) return;
    for (; at > 0 && asked->best[at - 1] < total; at--) asked->best[at] = asked->best[at - 1];
    asked->best[at] = total;
}

/* Bring as many rows as are shown to the front, those of the highest bounds. */
static void order_rows(const Gaining *gaining) {
    const Rescoring *asked = gaining->asked;
    const double *bounds = gaining->bounds;
    int32_t *order = gaining->order;
    for (int64_t i = 0; i < asked->row_count; i++) {
        int64_t at = i < asked->shown ? i : asked->shown;
        order[i] = (int32_t)i;
        if (!at || (at == asked->shown && bounds[order[at - 1]] >= bounds[i])) continue;
        if (at == asked->shown) order[i] = order[--at];
        for (; at > 0 && bounds[order[at - 1]] < bounds[i]; at--) order[at] = order[at - 1];
        order[at] = (int32_t)i;
    }
}

static int gain_all(Gaining *gaining) {
    Rescoring *asked = gaining->asked;
    for (int64_t row = 0; row < asked->row_count; row++) gain_by_counts(gaining, row);
    if (asked->best) order_rows(gaining);
    for (int64_t i = 0; i < asked->row_count; i++) {
        int64_t row = asked->best ? gaining->order[i] : i;
        Rescored *own = &asked->rows[row];
        if (!hopeless(asked, gaining->bounds[row])) {
            int status = gain_by_places(gaining, row, &gaining->gains[row]);
            if (status) return status;
            note_total(asked, (double)(own->score + gaining->gains[row]) + (double)own->fresh);
        }
        own->score += gaining->gains[row];
    }
    return FINE;
}

static size_t whole(size_t bytes) { return (bytes + 15) & ~(size_t)15; }

/* Lay out what is noted of rows and words: nought, but for the heads. */
static int lay_out(Gaining *gaining) {
    Rescoring *asked = gaining->asked;
    size_t rows = (size_t)asked->row_count, words = (size_t)asked->word_count;
    size_t counts = whole(rows * words * sizeof(uint32_t));
    size_t sizes[] = {3 * counts, counts, rows * sizeof(double), rows * sizeof(float),
                      rows * sizeof(int32_t), (words + 1) * sizeof(Stand)};
    size_t size = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) size += whole(sizes[i]);
    char *room = room_in(&asked->search->space->rows, size);
    if (!room || room_for_positions(asked->search->space, 1)) return NO_MEMORY;
    Standing *standing = &gaining->standing;
    memset(room, 0, 3 * counts);
    memset(room + 3 * counts, 0xFF, counts);
    standing->lemmas = (uint32_t *)room;
    standing->form = (uint32_t *)(room + counts);
    standing->related = (uint32_t *)(room + 2 * counts);
    standing->heads = (int32_t *)(room + 3 * counts);
    gaining->bounds = (double *)(room += 4 * counts);
    gaining->gains = (float *)(room += whole(sizes[2]));
    gaining->order = (int32_t *)(room += whole(sizes[3]));
    gaining->stands = (Stand *)(room + whole(sizes[4]));
    return FINE;
}

int rescore(Rescoring *asked) {
    Gaining gaining = {.asked = asked};
    int status = lay_out(&gaining);
    if (!status) status = find_words(asked, &gaining.standing);
    return status ? status : gain_all(&gaining);
}
