using System.Reflection.Emit;
using MicroSpark.Hashing;

namespace MicroSpark.Stages;

/// <summary>
/// The hashes of keys that a stage's loop knows already. Words are hashed where they are found, into one array for a line. Later code reads
/// the hash of a word, or of the words behind it, there.
/// </summary>
internal sealed class KnownHashes(ILGenerator il)
{
    private (LocalBuilder Word, LocalBuilder Hashes, LocalBuilder Index)? _known;

    /// <summary>
    /// The run of the source that the current element is of, and where in it: the keys of the next ones can be hashed ahead. Null behind an
    /// operator.
    /// </summary>
    public (LocalBuilder Run, LocalBuilder Index)? SourceRun { get; set; }

    /// <summary>
    /// Notes that the hash of the string in <paramref name="word"/> is an element of an array, and those of the next words stand behind it.
    /// </summary>
    public void Know(LocalBuilder word, LocalBuilder hashes, LocalBuilder index) => _known = (word, hashes, index);

    /// <summary>Whether keys of this type may be words of the loop.</summary>
    public bool Knows(Type keyType) => keyType == typeof(string) && _known is not null;

    /// <summary>
    /// Pushes the hash of the word that comes <paramref name="ahead"/> words later, if keys of this type are words of the loop; false
    /// when nothing is known. At the end of a run it is any number.
    /// </summary>
    public bool TryPushAhead(Type keyType, int ahead)
    {
        if (keyType != typeof(string) || _known is not { } known)
        {
            return false;
        }

        il.Emit(OpCodes.Ldloc, known.Hashes);
        il.Emit(OpCodes.Ldloc, known.Index);
        il.Emit(OpCodes.Ldc_I4, ahead);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Ldelem_I8);
        return true;
    }

    /// <summary>Pushes the stable hash of a key. Mostly the key is the very word that the loop has at hand, whose hash it knows.</summary>
    public void Push(Type keyType, Action pushKey)
    {
        var compute = typeof(StableHash<>).MakeGenericType(keyType).GetMethod(nameof(StableHash<>.Of))!;
        if (keyType != typeof(string) || _known is not { } known)
        {
            pushKey();
            il.Emit(OpCodes.Call, compute);
            return;
        }

        var other = il.DefineLabel();
        var end = il.DefineLabel();
        pushKey();
        il.Emit(OpCodes.Ldloc, known.Word);
        il.Emit(OpCodes.Bne_Un, other);
        TryPushAhead(keyType, 0);
        il.Emit(OpCodes.Br, end);
        il.MarkLabel(other);
        pushKey();
        il.Emit(OpCodes.Call, compute);
        il.MarkLabel(end);
    }
}
