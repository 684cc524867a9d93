namespace MicroSpark.Codecs;

/// <summary>
/// What a plan holds beyond data: functions. Who writes or reads the bytes of a plan hands one to its writer or reader. All others have
/// none: values, files, spilled runs, blocks, results, updates and errors are data, whose bytes may come from anybody. Their reader has no
/// way to a delegate, to a method, or to what only tasks of a plan may ask for.
/// </summary>
/// <remarks>This room has no implementation: the one there is belongs to the room of closures, and only plans are read with it.</remarks>
internal abstract class PlanFunctions
{
    /// <summary>Writes the method of a delegate and what it captured.</summary>
    public abstract void Write(ref ValueWriter writer, Delegate function);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="number">The delegate's own number among the objects of the encoding.</param>
    public abstract Delegate Read(ref ValueReader reader, Type type, int number);
}
