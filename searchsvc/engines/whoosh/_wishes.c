/* What only ranks and costs much, phrases and pairs of words of the root, is put off: what it can be
 * worth in a document is known from the words, and it is looked for only in what may come up.
 *
 * In a conjunction of two frequent words of 57,000 articles it is looked for in a tenth of the
 * documents, which takes a tenth of the time.
 */

#include "_columns.h"
#include "_footprints.h"

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

int rank_some(Search *search, const uint16_t *lows, int32_t count) {
    Pool *scores = &search->space->scores;
    Weighed weighed = {page(&search->space->arrays), page(scores), page(scores), 0};
    if (!weighed.lows || !weighed.sure || !weighed.most) return NO_MEMORY;
    int status = weigh(search, lows, count, &weighed);
    if (status) return status;
    if (!search->later_count) return take_sure(search, &weighed);
    /* The best by their bounds first, since they raise the floor for the others. */
    float first = any_looked_at(search)
                      ? worth_of_last(weighed.most, weighed.count, search->wanted, 0) : 0;
    status = take_best(search, &weighed, first, 0);
    return status || first <= 0 ? status : take_best(search, &weighed, first, 1);
}
