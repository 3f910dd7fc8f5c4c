/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctx_data - begin and end of a packet's linear part, for either hook's ctx_t. In assembler: clang would keep the
 * address of a field of ctx in a register, which the verifier refuses.
 */
#ifndef ELVS_BPF_CTX_DATA_H
#define ELVS_BPF_CTX_DATA_H

static __always_inline void *ctx_data(ctx_t *ctx)
{
	void *p;

	asm volatile("%0 = *(u32 *)(%1 + %2)"
		     : "=r"(p)
		     : "r"(ctx), "i"(__builtin_offsetof(ctx_t, data)));
	return p;
}

static __always_inline void *ctx_end(ctx_t *ctx)
{
	void *p;

	asm volatile("%0 = *(u32 *)(%1 + %2)"
		     : "=r"(p)
		     : "r"(ctx), "i"(__builtin_offsetof(ctx_t, data_end)));
	return p;
}

#endif
