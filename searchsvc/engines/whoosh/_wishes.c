/* What only ranks and costs much, phrases and pairs of words of the root, is put off: what it can be
 * worth in a document is known from the words, and it is looked for only in what may come up.
 *
 * In a conjunction of two frequent words of 57,000 articles it is looked for in a tenth of the
 * documents, which takes a tenth of the time.
 */

#include "_footprints.h"
#include "_ranking.h"

#include <math.h>

/* Of the operands of the root, those that make a document match. */
static Node *matching(Node *root, int64_t *count) {
    *count = root->kind == ALL ? root->must_count : root->should_count;
    return root->kind == ALL ? root->must : root->should;
}

/* Tell whether an item is one of the root's words, so that what it is worth is known. */
static int is_word_of(Node *root, const Node *item) {
    int64_t count;
    const Node *nodes = matching(root, &count);
    for (int64_t i = 0; i < count; i++)
        if (nodes[i].kind == WORD && nodes[i].term == item->term) return 1;
    return 0;
}

static int may_wait(const Search *search, const Node *node) {
    if (node->kind != SPANS || search->later_count == LATER) return 0;
    for (int64_t i = 0; i < node->must_count; i++) {
        const Node *item = &node->must[i];
        if (!item->term || !block_in(item->term, search->chunk) || !is_word_of(search->root, item))
            return 0;
    }
    return 1;
}

static int put_off_node(Search *search, Node *node) {
    int status = open_items(search, node);
    for (int64_t i = 0; i < node->must_count && !status; i++) {
        Node *item = &node->must[i];
        int64_t j = i;
        item->prints = i < 2 ? footprints_of(item, 0) : NULL;
        for (; j > 0 && node->order[j - 1]->size > item->size; j--) node->order[j] = node->order[j - 1];
        node->order[j] = item;
    }
    node->put_off = 1;
    search->later[search->later_count++] = node;
    return status;
}

int put_off(Search *search) {
    Node *root = search->root;
    int able = (root->kind == ALL || root->kind == ANY) && !search->order && search->wanted > 0 &&
               !search->single && search->segment->rising;
    int status = FINE;
    search->later_count = 0;
    for (int64_t i = 0; i < root->should_count && !status; i++) {
        Node *node = &root->should[i];
        node->put_off = 0;
        if (able && may_wait(search, node)) status = put_off_node(search, node);
    }
    return status;
}

/* ---- scores of some documents ----------------------------------------------------------------- */

/* Of a column of documents: what they are surely worth, and at most what each operand that is put off
 * can be worth, before its weight. */
typedef struct {
    int32_t documents; /* of all columns */
    float sums[COLUMN], own[COLUMN], least[LATER][COLUMN];
    int32_t places[COLUMN]; /* of an operand's postings, -1 where it has none */
    uint32_t prints[LATER][2][COLUMN];
} Columns;

/* Find where a word that all of the documents have has them. */
static void find_all(Block *block, const uint16_t *lows, int32_t some, int32_t *places) {
    for (int32_t i = 0; i < some; i++) {
        if (!block->bits) has(block, lows[i]);
        places[i] = place_of(block, lows[i]);
    }
}

static void find_places(Block *block, const uint16_t *lows, int32_t some, int32_t *places) {
    for (int32_t i = 0; i < some && block->bits; i++) {
        int32_t place = place_of(block, lows[i]);
        places[i] = has_bit(block->bits, lows[i]) ? place : -1;
    }
    for (int32_t i = 0; i < some && !block->bits; i++)
        places[i] = has(block, lows[i]) ? block->at : -1;
}

/* Find a short list's documents among others, from the one on that its walk has come to. Here and
 * below branches that hang on what documents have would be guessed wrong. */
static void find_few(Block *block, const uint16_t *lows, int32_t some, int32_t *places) {
    int32_t i = 0, at = block->at;
    while (i < some && at < block->count) {
        uint16_t one = lows[i], two = block->lows[at];
        places[i] = one == two ? at : -1;
        i += one <= two;
        at += two <= one;
    }
    for (; i < some; i++) places[i] = -1;
    block->at = at;
}

/* Give what an operand is worth before its weight, 0 where it is not. */
static void weigh_operand(Node *node, int required, const uint16_t *lows, int32_t some,
                          Columns *columns) {
    Block *block = &node->block;
    int32_t *places = columns->places;
    for (int32_t i = 0; i < some && node->kind != WORD; i++)
        columns->own[i] = node->scores && has_bit(node->bits, lows[i]) ? node->scores[lows[i]] : 0;
    if (node->kind != WORD) return;
    if (required) find_all(block, lows, some, places);
    else if (block->lows && block->count / 4 < columns->documents) find_few(block, lows, some, places);
    else find_places(block, lows, some, places);
    for (int32_t i = 0; i < some; i++) {
        int32_t there = places[i] >= 0;
        columns->own[i] = block->count ? block->impacts[places[i] * there] * (float)there : 0;
    }
}

static void lower(float *least, const float *worths, int32_t some) {
    for (int32_t i = 0; i < some; i++) least[i] = worths[i] < least[i] ? worths[i] : least[i];
}

/* Lower the bounds of what is put off by one of the root's words: a phrase stands nowhere more often
 * than each of its items, a pair than its first. */
static void lower_bounds(const Search *search, const Node *word, Columns *columns, int32_t some) {
    for (int64_t l = 0; l < search->later_count; l++) {
        const Node *node = search->later[l];
        for (int64_t k = 0; k < node->must_count; k++) {
            const Node *item = &node->must[k];
            if (item->term != word->term) continue;
            if (node->distance < 0 || !k) lower(columns->least[l], columns->own, some);
            for (int32_t i = 0; i < some && item->prints && k < 2; i++)
                columns->prints[l][k][i] =
                    columns->places[i] < 0 ? 0 : footprint_at(item->prints, columns->places[i]);
        }
    }
}

static void clear_columns(const Search *search, int32_t some, Columns *columns) {
    for (int32_t i = 0; i < some; i++) columns->sums[i] = 0;
    for (int64_t l = 0; l < search->later_count; l++)
        for (int32_t i = 0; i < some; i++) {
            columns->least[l][i] = INFINITY;
            columns->prints[l][0][i] = columns->prints[l][1][i] = UINT32_MAX;
        }
}

static void weigh_columns(const Search *search, Node *root, const uint16_t *lows, int32_t some,
                          Columns *columns) {
    int64_t count = root->must_count + root->should_count, words;
    const Node *first = matching(root, &words);
    clear_columns(search, some, columns);
    for (int64_t i = 0; i < count; i++) {
        Node *node = operand(root, i);
        float weight = node->kind == WORD ? node->weight : 1;
        if (node->put_off) continue;
        weigh_operand(node, i < root->must_count, lows, some, columns);
        for (int32_t j = 0; j < some; j++) columns->sums[j] += weight * columns->own[j];
        if (node->kind == WORD && node >= first && node < first + words)
            lower_bounds(search, node, columns, some);
    }
}

/* Add what is put off, where footprints do not rule it out, to what documents are surely worth. */
static void add_bounds(const Search *search, const Columns *columns, int32_t some, float *most) {
    for (int32_t i = 0; i < some; i++) most[i] = columns->sums[i];
    for (int64_t l = 0; l < search->later_count; l++) {
        const Node *node = search->later[l];
        for (int32_t i = 0; i < some; i++) {
            uint32_t reach = reach_of(columns->prints[l][0][i], node->distance);
            int may = (node->must_count < 2) | ((reach & columns->prints[l][1][i]) != 0);
            most[i] += node->weight * columns->least[l][i] * (float)may;
        }
    }
}

/* Documents with what they are surely worth, and at most. */
typedef struct {
    uint16_t *lows;
    float *sure, *most;
    int32_t count;
} Weighed;

static int weigh(Search *search, Weighed *weighed) {
    Node *root = search->root;
    Columns columns;
    int64_t work = root->must_count + root->should_count + 1;
    columns.documents = weighed->count;
    for (int32_t from = 0; from < weighed->count; from += COLUMN) {
        int32_t left = weighed->count - from, some = left < COLUMN ? left : COLUMN;
        if (late(&search->clock, some * work)) return LATE;
        if (!all_inside(search, weighed->lows + from, some)) return DAMAGED;
        weigh_columns(search, root, weighed->lows + from, some, &columns);
        memcpy(weighed->sure + from, columns.sums, (size_t)some * sizeof(float));
        if (search->later_count) add_bounds(search, &columns, some, weighed->most + from);
    }
    return FINE;
}

void raise_by_worths(Search *search, const float *worths, int32_t count) {
    float least = search->floor > 0 ? (float)(search->floor / search->slack) * (1 - 1e-6f) : 0;
    if (!any_looked_at(search) || count < search->wanted) return;
    float worth = worth_of_last(worths, count, search->wanted, least);
    double floor = (double)worth * (1 - 1e-6) / search->slack;
    if (worth > least && floor > search->floor) search->floor = floor;
}

/* Tell whether anything that was put off is in a document. */
static int has_later(const Search *search, uint32_t low) {
    int any = 0;
    for (int64_t l = 0; l < search->later_count; l++) any |= has_bit(search->later[l]->bits, low);
    return any;
}

/* Add up all operands, in the order of the program. */
static float whole_score(Node *root, uint32_t low) {
    float score = 0, part;
    for (int64_t i = 0; i < root->must_count + root->should_count; i++)
        if (contributes(operand(root, i), low, &part)) score += part;
    return score;
}

static void rewind_root(Node *root) {
    for (int64_t i = 0; i < root->must_count + root->should_count; i++)
        rewind_block(&operand(root, i)->block);
}

/* Keep those of the documents at hand that have all items of what was put off. */
static int32_t with_items(Node *node, const uint16_t *lows, int32_t count, uint16_t *kept) {
    for (int64_t i = 0; i < node->must_count; i++) {
        Block *block = &node->order[i]->block;
        int32_t found = 0;
        rewind_block(block);
        for (int32_t j = 0; j < count; j++) {
            uint16_t low = lows[j];
            kept[found] = low;
            found += has(block, low);
        }
        lows = kept;
        count = found;
    }
    return count;
}

/* Look for what was put off in some documents, and take them. */
static int take_closer(Search *search, const uint16_t *lows, const float *sure, int32_t count) {
    Node *root = search->root;
    int status = FINE;
    uint16_t *kept = page(&search->space->arrays);
    if (!kept) return NO_MEMORY;
    for (int64_t l = 0; l < search->later_count && !status; l++) {
        Node *node = search->later[l];
        const uint16_t *some = lows;
        int32_t found = count;
        if (root->kind == ANY) {
            found = with_items(node, lows, count, kept);
            some = kept;
        }
        for (int64_t i = 0; i < node->must_count && i < 2; i++)
            node->must[i].prints = footprints_of(&node->must[i], found);
        status = open_spans_in(search, node, some, found);
    }
    rewind_root(root);
    for (int32_t i = 0; i < count && !status; i++) {
        float score = has_later(search, lows[i]) ? whole_score(root, lows[i]) : sure[i];
        if (score >= search->floor) status = take_scored(search, lows[i], score);
    }
    return status;
}

/* Take those whose bounds come up to something, or those of the others that come up to the floor. */
static int take_best(Search *search, const Weighed *weighed, float least, int others) {
    uint16_t *lows = page(&search->space->arrays);
    float *sure = page(&search->space->scores);
    int32_t count = 0;
    int status = lows && sure ? FINE : NO_MEMORY;
    for (int32_t i = 0; i < weighed->count && !status; i++) {
        float most = weighed->most[i], own = weighed->sure[i];
        int passes = ((most < least) == others) & !hopeless(search, most);
        if (!passes) continue;
        lows[count] = weighed->lows[i];
        sure[count] = own;
        if (most > own) count++;
        else if (own >= search->floor) status = take_scored(search, weighed->lows[i], own);
    }
    return status || !count ? status : take_closer(search, lows, sure, count);
}

static int take_sure(Search *search, const Weighed *weighed) {
    int status = FINE;
    for (int32_t i = 0; i < weighed->count && !status; i++)
        if (weighed->sure[i] >= search->floor)
            status = take_scored(search, weighed->lows[i], weighed->sure[i]);
    return status;
}

/* Leave those that cannot come up to the floor. */
static void leave_hopeless(const Search *search, Weighed *weighed) {
    int32_t kept = 0;
    for (int32_t i = 0; i < weighed->count; i++) {
        float most = weighed->most[i];
        weighed->lows[kept] = weighed->lows[i];
        weighed->sure[kept] = weighed->sure[i];
        weighed->most[kept] = most;
        kept += !hopeless(search, most);
    }
    weighed->count = kept;
}

int rank_some(Search *search, const uint16_t *lows, int32_t count) {
    Pool *scores = &search->space->scores;
    Weighed weighed = {page(&search->space->arrays), page(scores), page(scores), count};
    if (!weighed.lows || !weighed.sure || !weighed.most) return NO_MEMORY;
    memcpy(weighed.lows, lows, (size_t)count * sizeof(uint16_t));
    rewind_root(search->root);
    int status = weigh(search, &weighed);
    if (status) return status;
    if (!search->later_count) return take_sure(search, &weighed);
    raise_by_worths(search, weighed.sure, count);
    leave_hopeless(search, &weighed);
    /* The best by their bounds first, since they raise the floor for the others. */
    float first = any_looked_at(search)
                      ? worth_of_last(weighed.most, weighed.count, search->wanted, 0) : 0;
    status = take_best(search, &weighed, first, 0);
    return status || first <= 0 ? status : take_best(search, &weighed, first, 1);
}
