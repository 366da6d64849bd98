.PHONY: run test check chaos bench test-clients link lock

run: ; @python3 portal.py run
test: ; @python3 portal.py test
check: ; @python3 portal.py check
chaos: ; @python3 portal.py chaos
bench: ; @python3 portal.py bench
test-clients: ; @python3 portal.py test-clients
link: ; @python3 portal.py link
lock: ; @python3 portal.py lock
