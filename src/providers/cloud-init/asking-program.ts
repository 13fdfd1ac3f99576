/** How a machine fetches and tells, in Python: by URLs that it was given, each good by itself. It needs no credentials. */
export const askingProgram = `
class Failed(Exception):
    def __init__(self, why, sentence):
        super().__init__(sentence)
        self.why = why

def ask(request, goes=8):
    for go in range(goes):
        try:
            return urllib.request.urlopen(request, timeout=60)
        except OSError as error:
            # A URL that is refused stays refused; anything else may be a network that is not there yet.
            if go == goes - 1 or getattr(error, "code", 500) in (400, 403, 404, 412):
                raise Failed("fetch", "%s could not be asked: %s" % (request.host, error)) from error
            time.sleep(min(10, 2 ** go / 4))

def put(url, text, headers={}, goes=8):
    told = urllib.request.Request(url, data=text.encode(), method="PUT", headers={"content-type": "", **headers})
    ask(told, goes).close()
`;
