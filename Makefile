# SPDX-License-Identifier: GPL-2.0-or-later
# The front door; the build itself is meson.build's.
PREFIX ?= /usr/local
BUILD  ?= build
HOOK   ?= xdp

.PHONY: all deps demo check check-oracle bench install fmt clean
all: $(BUILD)/build.ninja
	@ninja -C $(BUILD) --quiet
$(BUILD)/build.ninja: | deps
	@meson setup $(BUILD) --prefix=$(PREFIX) >/dev/null
deps:
	@.ci/deps
demo: all
	@HOOK=$(HOOK) tests/lab/demo.sh
check: all
	@.ci/check
check-oracle: all
	@tests/oracle/run.sh all
bench: all
	@bench/run.sh
install: all
	@meson configure $(BUILD) -Dprefix=$(PREFIX)
	@ninja -C $(BUILD) --quiet
	@meson install -C $(BUILD) --no-rebuild $(if $(DESTDIR),--destdir $(DESTDIR))
fmt:
	@git ls-files '*.c' '*.h' | xargs clang-format -i
clean:
	@rm -rf $(BUILD)
