import { type ReactNode, useEffect, useRef } from 'react';

interface Props {
  readonly title: string;
  readonly testId: string;
  readonly children: ReactNode;
  onClose(): void;
}

/** A dialog before everything else; Escape closes it and the keyboard stays inside. */
export function Dialog({ title, testId, children, onClose }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = box.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={box}
      className="dialog"
      data-testid={testId}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header className="dialog-head">
        <h2>{title}</h2>
        <button type="button" className="close" aria-label="Close" onClick={onClose}>
          ×
        </button>
      </header>
      {children}
    </dialog>
  );
}
