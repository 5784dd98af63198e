/* One word and what only ranks it, mostly the same word in titles: what has it in the title is added
 * up first, and of the others only the word's best postings are looked at. */

#include "_champions.h"
#include "_sums.h"

int is_one_word(const Search *search) {
    const Node *root = search->root;
    int64_t wished = 0;
    if (root->must_count != 1 || root->must->kind != WORD || root->without_count || root->dated ||
        search->order || search->wanted <= 0 || search->facet_count || search->dead)
        return 0;
    for (int64_t i = 0; i < root->should_count; i++) {
        const Node *node = &root->should[i];
        const Block *block = node->term ? block_in(node->term, search->chunk) : NULL;
        if (node->kind != WORD) return 0;
        wished += block ? block->count : 0;
    }
    return wished <= root->must->block.count;
}

/* Add up what the word's documents are worth that have something which only ranks. */
static void add_wished_sums(Sums *sums, Node *word, const Node *node) {
    const Block *block = &node->block;
    Walk walk = {block, 0, 0};
    rewind_block(&word->block);
    for (int32_t i = 0; i < block->count; i++) {
        uint32_t low = document_at(&walk, i);
        float worth = node->weight * block->impacts[i], own;
        if (has_bit(sums->bits, low)) sums->sums[low] += worth;
        else if (contributes(word, low, &own)) add_sum(sums, low, own + worth, 0);
    }
}

/* Add what the word alone lifts to the floor. */
static void add_own_sums(const Search *search, Sums *sums, const Node *word) {
    const Block *block = &word->block;
    const Champion *best = champions_of(block);
    float least = least_impact(search, word, 0);
    Walk walk = {block, 0, 0};
    int known = best && least > best[CHAMPIONS - 1].impact;
    for (int32_t i = 0; known && i < CHAMPIONS && best[i].impact >= least; i++)
        if (!has_bit(sums->bits, best[i].low))
            add_sum(sums, best[i].low, word->weight * best[i].impact, 0);
    if (known) return;
    int32_t place = next_worth(block->impacts, 0, block->count, least);
    for (; place < block->count; place = next_worth(block->impacts, place + 1, block->count, least)) {
        uint32_t low = document_at(&walk, place);
        if (!has_bit(sums->bits, low)) add_sum(sums, low, word->weight * block->impacts[place], 0);
    }
}

/* Take what comes up to the floor: these sums are added in the order of the program. */
static int take_sums(Search *search, Sums *sums) {
    int status = FINE;
    raise_by_sums(search, sums);
    for (int32_t i = 0; i < sums->count && !status; i++) {
        uint32_t low = sums->lows[i];
        if ((int32_t)low >= search->scale.size) return DAMAGED;
        if (sums->sums[low] >= search->floor) status = take_scored(search, low, sums->sums[low]);
    }
    return status;
}

/* Tell whether a document has the word in the title, which is known of its best postings. */
static int is_titled(const Node *title, uint32_t low) {
    Block block = title->block;
    return block.count && has(&block, low);
}

/* Add what the word alone lifts to the floor, where it is in no title. */
static int32_t add_untitled(const Search *search, const Node *word, const Node *title, Sums *sums) {
    const Block *block = &word->block;
    const Champion *best = champions_of(block);
    float least = least_impact(search, word, 0);
    Walk walk = {block, 0, 0};
    int32_t count = sums->count;
    if (best && least > best[CHAMPIONS - 1].impact) {
        for (int32_t i = 0; i < CHAMPIONS && best[i].impact >= least && count < CHUNK; i++) {
            sums->lows[count] = best[i].low;
            sums->worths[count] = word->weight * best[i].impact;
            count += !is_titled(title, best[i].low);
        }
        return count;
    }
    int32_t place = next_worth(block->impacts, 0, block->count, least);
    for (; place < block->count && count < CHUNK;
         place = next_worth(block->impacts, place + 1, block->count, least)) {
        sums->lows[count] = (uint16_t)document_at(&walk, place);
        sums->worths[count] = word->weight * block->impacts[place];
        count += !is_titled(title, sums->lows[count]);
    }
    return count;
}

/* Add up the word and its title, as far as that comes up to the floor. */
static int32_t add_titled(Search *search, const Node *word, const Node *title, Sums *sums) {
    const Block *block = &title->block;
    const float *beside = block->beside, *impacts = block->impacts;
    const float own = word->weight, more = title->weight;
    float *restrict worths = sums->sums;
    Walk walk = {block, 0, 0};
    int32_t count = 0;
    for (int32_t i = 0; i < block->count; i++) {
        float worth = own * beside[i] + more * impacts[i];
        worths[i] = beside[i] < 0 ? ABSENT : worth;
    }
    raise_by_worths(search, worths, block->count);
    float least = search->floor > 0 ? (float)(search->floor * (1 - 1e-6)) : 0;
    int32_t place = next_worth(worths, 0, block->count, least);
    for (; place < block->count; place = next_worth(worths, place + 1, block->count, least)) {
        sums->lows[count] = (uint16_t)document_at(&walk, place);
        sums->worths[count++] = worths[place];
    }
    return count;
}

/* Rank by a word and its title, of whose documents it is known what the word is worth in them. */
static int rank_with_title(Search *search, Node *word, Node *title, Sums *sums) {
    int status = FINE;
    sums->count = add_titled(search, word, title, sums);
    sums->count = add_untitled(search, word, title, sums);
    raise_by_worths(search, sums->worths, sums->count);
    for (int32_t i = 0; i < sums->count && !status; i++) {
        uint32_t low = sums->lows[i];
        if ((int32_t)low >= search->scale.size) return DAMAGED;
        if (sums->worths[i] >= search->floor) status = take_scored(search, low, sums->worths[i]);
    }
    return status;
}

int rank_one_word(Search *search) {
    Node *root = search->root, *word = root->must, *title = root->should;
    Sums sums;
    int64_t wished = 0;
    int status = new_sums(search, &sums) ? NO_MEMORY : FINE;
    for (int64_t i = 0; i < root->should_count && !status; i++) {
        status = open_word(search, &root->should[i]);
        wished += root->should[i].block.count;
    }
    if (status) return status;
    if (late(&search->clock, search->words + wished + word->block.count / 16)) return LATE;
    search->total += word->block.count;
    search->later_count = 0;
    prepare(search, root);
    raise_by_champions(search, word);
    if (hopeless(search, root->rest[0])) return FINE;
    if (root->should_count == 1 && title->block.beside && title->term->whole == word->term)
        return rank_with_title(search, word, title, &sums);
    for (int64_t i = 0; i < root->should_count; i++)
        add_wished_sums(&sums, word, &root->should[i]);
    raise_by_sums(search, &sums);
    add_own_sums(search, &sums, word);
    return take_sums(search, &sums);
}
