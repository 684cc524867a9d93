using System.Reflection.Emit;
using MicroSpark.Readers;

namespace MicroSpark.Stages;

/// <summary>
/// A sink with functions of the user's: the compiled loop calls their methods directly instead of <see cref="Readers.ISink{T}.Add"/>.
/// </summary>
internal interface IEmittingSink
{
    /// <summary>The functions, in the order in which <see cref="EmitAdd"/> refers to them.</summary>
    Delegate[] Functions { get; }

    /// <summary>
    /// Emits what <see cref="Readers.ISink{T}.Add"/> does with <see cref="StageEmitter.Current"/>, for the sink in a local.
    /// </summary>
    void EmitAdd(StageEmitter emitter, LocalBuilder sink, int firstFunction);
}

/// <summary>A sink with a loop of its own for elements that nothing is done to between their run and it.</summary>
internal interface IEmittingRunSink : IEmittingSink
{
    /// <summary>Whether it has one for elements of this type.</summary>
    bool TakesRuns { get; }

    /// <summary>Whether elements may wait to be taken as longer runs: nothing of them can change, and taking them cannot fail.</summary>
    bool MayWait(StageEmitter emitter, int firstFunction);

    /// <summary>Emits what <see cref="IEmittingSink.EmitAdd"/> does, for all elements of the span in a local.</summary>
    void EmitAddRun(StageEmitter emitter, LocalBuilder sink, LocalBuilder run, int firstFunction);
}
